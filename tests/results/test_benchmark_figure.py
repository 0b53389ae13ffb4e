"""The benchmark's figure: what stands where."""

import numpy as np
import pytest
from example_metrics import metrics

from scenewise.benchmark.figure import LARGEST, SMALLEST, areas, draw_benchmark, points_of
from scenewise.results.table import table_of


def with_cost(parameters: int, **changes: object) -> dict[str, object]:
    return {**metrics(**changes), "parameters": parameters}


def test_the_figure_shows_where_normal_or_pooled() -> None:
    both = {
        "bicycle": {"where_abnormal": 0.9, "where_normal": 0.6},
        "car": {"where_abnormal": 0.9, "where_normal": 0.4},
    }
    dependent = table_of([with_cost(10**3, event_auc=both), with_cost(10**6, objective="contrastive", event_auc=both)])
    assert [point.upwards for point in points_of(dependent)] == pytest.approx([50, 50])
    assert [point.scene_aware for point in points_of(dependent)] == [False, True]
    plain = table_of([with_cost(10**3), with_cost(10**6, objective="contrastive", frame_auc_micro=0.7)])
    assert [point.upwards for point in points_of(plain)] == pytest.approx([80, 70])
    for table, label in ((dependent, "where they are normal"), (plain, "pooled AUC")):
        axes = draw_benchmark(table).axes[0]
        assert label in axes.get_ylabel() and len(axes.collections) >= 2
    assert points_of(table_of([metrics(scene_auc_mean=None)])) == []


def test_a_points_area_grows_with_the_logarithm_of_its_parameters() -> None:
    found = areas([10, 1000, 100, None])
    assert found == pytest.approx([SMALLEST, LARGEST, (SMALLEST + LARGEST) / 2, SMALLEST])
    assert areas([7, 7]) == [SMALLEST, SMALLEST] and np.isfinite(areas([0])).all()
