"""The table in words: they have to follow from the figures, also where the figures are not what one hoped for."""

from pathlib import Path
from typing import Any

import pytest
from miniature_runs import Miniature, write_run

from scenewise.report.evaluated_runs import read_run
from scenewise.report.sections.findings import findings
from scenewise.results.table import Table, table_of

NAMES = ["agnostic", "aware"]


def table(folder: Path, agnostic: float, aware: float, seeds: int = 3, measured: bool = False) -> Table:
    """Models with these mean within-scene AUCs; seeds are a hundredth apart."""
    mini = Miniature(scene_auc={"reconstruction": agnostic, "contrastive": aware}, measured=measured)
    runs = [write_run(folder / f"{name}{seed}", name, seed, mini) for name in mini.scene_auc for seed in range(seeds)]
    return table_of([read_run(run).metrics for run in runs])


def aware_alone(folder: Path, within: float, measured: bool = False) -> Table:
    mini = Miniature(scene_auc={"contrastive": within}, measured=measured)
    return table_of(
        [read_run(write_run(folder / f"aware{seed}", "contrastive", seed, mini)).metrics for seed in range(3)]
    )


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
    assert headline in findings(table(tmp_path, agnostic, aware), NAMES).headline


def test_a_win_says_how_far_it_holds_where_intervals_overlap(tmp_path: Path) -> None:
    near = findings(table(tmp_path / "near", 0.70, 0.85, measured=True), NAMES).detail
    assert near.endswith(
        "That holds for these test videos; on others of the same cameras aware may reach 76.0 to 96.0, "
        "agnostic 61.0 to 81.0."
    )
    far = findings(table(tmp_path / "far", 0.50, 0.85, measured=True), NAMES).detail
    assert "these test videos" not in far


def test_one_seed_never_wins(tmp_path: Path) -> None:
    found = findings(table(tmp_path, 0.5, 0.9, seeds=1), NAMES)
    assert "ahead" in found.headline and "wins" not in found.headline
    assert found.detail.endswith("more than luck.")


def test_one_model_is_not_compared(tmp_path: Path) -> None:
    found = findings(aware_alone(tmp_path, 0.8), ["aware"])
    assert "aware reaches a mean AUC of 81.0\xa0%" in found.headline
    assert "No other model" in found.detail and "chance" not in found.detail


@pytest.mark.parametrize(("within", "told"), [(0.52, True), (0.85, False)])
def test_one_model_whose_interval_includes_chance_says_so(tmp_path: Path, within: float, told: bool) -> None:
    found = findings(aware_alone(tmp_path, within, measured=True), ["aware"])
    assert ("includes chance" in found.detail) == told


def test_remarks_name_scene_dependence_the_constants_and_scenes_without_an_auc(tmp_path: Path) -> None:
    remarks = " ".join(findings(table(tmp_path, 0.70, 0.85), NAMES).remarks)
    assert "(bicycle)" in remarks and "agnostic reaches 71.0\xa0% and 80.0\xa0%" in remarks
    assert "75.0\xa0%; agnostic stays below it" in remarks
    assert "without an AUC: road" in remarks


def memory(folder: Path, method: str, scene_aware: bool, within: float) -> dict[str, Any]:
    """A run of a deterministic method with objects."""
    facts = {"method": method, "title": f"{method} {'aware' if scene_aware else 'agnostic'}", "settings": {}}
    facts |= {"scene_aware": scene_aware, "deterministic": True, "needs_objects": True}
    run = write_run(folder / f"{method}{scene_aware}", "contrastive", 0, Miniature(scene_auc={"contrastive": within}))
    return read_run(run).metrics | facts


def test_without_seeds_a_difference_is_no_luck_of_a_seed(tmp_path: Path) -> None:
    runs = [memory(tmp_path, "fusion", True, 0.9), memory(tmp_path, "memory", True, 0.8)]
    found = findings(table_of(runs), ["fusion", "memory"])
    assert "fusion is ahead of memory" in found.headline and "not due to a seed" in found.detail
    assert "no seed changes it" in findings(table_of(runs[:1]), ["fusion"]).detail


def test_what_scene_knowledge_adds_is_stated_unless_the_headline_says_it(tmp_path: Path) -> None:
    aware, agnostic = memory(tmp_path, "fusion", True, 0.9), memory(tmp_path, "fusion", False, 0.7)
    assert not [one for one in findings(table_of([agnostic, aware]), ["agnostic", "aware"]).remarks if "adds" in one]
    other = memory(tmp_path, "memory", True, 0.8)
    remarks = findings(table_of([agnostic, aware, other]), ["agnostic", "aware", "other"]).remarks
    assert "aware is 20.0 points above agnostic" in " ".join(remarks)


def test_one_seed_with_overlapping_intervals_says_what_other_footage_may_give(tmp_path: Path) -> None:
    detail = findings(table(tmp_path, 0.70, 0.85, seeds=1, measured=True), NAMES).detail
    assert detail.endswith(
        "On other test videos of the same cameras aware may reach 75.0 to 95.0, agnostic 60.0 to 80.0."
    )


def test_a_difference_is_that_of_the_printed_figures(tmp_path: Path) -> None:
    found = findings(table(tmp_path, 0.61551, 0.61949, seeds=1), NAMES)
    assert "61.9\xa0% against 61.6\xa0%" in found.headline and "The difference of 0.3 points" in found.detail
