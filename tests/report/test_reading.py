"""The table in words: they have to follow from the figures, also where the figures are not what one hoped for."""

from pathlib import Path

import pytest
from miniature_runs import Miniature, write_run

from scenewise.report.reading import reading
from scenewise.report.runs import read_run
from scenewise.results.rows import SummaryRow
from scenewise.results.summary import summarise

NAMES = ["agnostic", "aware"]


def rows(folder: Path, agnostic: float, aware: float, seeds: int = 3, measured: bool = False) -> list[SummaryRow]:
    """Models with these mean within-scene AUCs; seeds are a hundredth apart."""
    mini = Miniature(scene_auc={"reconstruction": agnostic, "contrastive": aware}, measured=measured)
    runs = [write_run(folder / f"{name}{seed}", name, seed, mini) for name in mini.scene_auc for seed in range(seeds)]
    return summarise([read_run(run).metrics for run in runs])


@pytest.mark.parametrize(
    ("agnostic", "aware", "headline"),
    [
        (0.70, 0.85, "aware wins over agnostic: a mean AUC of 86.0\xa0% against 71.0\xa0%"),
        (0.85, 0.70, "agnostic wins over aware: a mean AUC of 86.0\xa0% against 71.0\xa0%"),
        (0.80, 0.82, "neither aware nor agnostic wins: a mean AUC of 83.0\xa0% against 81.0\xa0%"),
    ],
)
def test_a_difference_is_weighed_against_its_spread(
    tmp_path: Path, agnostic: float, aware: float, headline: str
) -> None:
    assert headline in reading(rows(tmp_path, agnostic, aware), NAMES).headline


def test_a_win_says_how_far_it_holds_where_intervals_overlap(tmp_path: Path) -> None:
    near = reading(rows(tmp_path / "near", 0.70, 0.85, measured=True), NAMES).detail
    assert near.endswith(
        "That holds for these test videos; on others of the same cameras aware may reach 76.0 to 96.0, "
        "agnostic 61.0 to 81.0."
    )
    far = reading(rows(tmp_path / "far", 0.50, 0.85, measured=True), NAMES).detail
    assert "these test videos" not in far


def test_one_seed_never_wins(tmp_path: Path) -> None:
    found = reading(rows(tmp_path, 0.5, 0.9, seeds=1), NAMES)
    assert "ahead" in found.headline and "wins" not in found.headline
    assert "more than luck" in found.detail


def test_one_model_is_not_compared(tmp_path: Path) -> None:
    found = reading(rows(tmp_path, 0.7, 0.8)[1:], ["aware"])
    assert "aware reaches a mean AUC of 81.0\xa0%" in found.headline
    assert "No other model" in found.detail and "chance" not in found.detail


@pytest.mark.parametrize(("within", "told"), [(0.52, True), (0.85, False)])
def test_one_model_whose_interval_includes_chance_says_so(tmp_path: Path, within: float, told: bool) -> None:
    found = reading(rows(tmp_path, 0.5, within, measured=True)[1:], ["aware"])
    assert ("includes chance" in found.detail) == told


def test_remarks_name_scene_dependence_the_constants_and_scenes_without_an_auc(tmp_path: Path) -> None:
    remarks = " ".join(reading(rows(tmp_path, 0.70, 0.85), NAMES).remarks)
    assert "(bicycle)" in remarks and "agnostic reaches 71.0\xa0% and 80.0\xa0%" in remarks
    assert "75.0\xa0%; agnostic stays below it" in remarks
    assert "own: road" in remarks
