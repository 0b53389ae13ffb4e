"""Boxes on the page: of which objects, by whom, and beside which normal examples; and methods without training."""

import re
from pathlib import Path

import pytest
from miniature_runs import Miniature, write_run
from remembering_runs import BOX, write_remembering_run
from scenewise.report.content import Content, gather
from scenewise.report.novel import brief

from conftest import write_mp4
from scenewise.errors import IntegrityError
from scenewise.report.page import page
from scenewise.results.rows import UNDEFINED


@pytest.fixture(scope="module")
def film(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_mp4(tmp_path_factory.mktemp("film") / "film.mp4", 120)


@pytest.fixture(scope="module")
def mini(film: Path) -> Miniature:
    return Miniature(source=film, measured=True)


@pytest.fixture(scope="module")
def content(tmp_path_factory: pytest.TempPathFactory, mini: Miniature, film: Path) -> Content:
    """An autoencoder, one memory for all and a memory a scene."""
    folder = tmp_path_factory.mktemp("runs")
    runs = [write_run(folder / f"ae{seed}", "reconstruction", seed, mini) for seed in range(2)]
    pooled = write_remembering_run(folder / "pooled", mini, film, scope="pooled")
    return gather([*runs, pooled, write_remembering_run(folder / "scene", mini, film)])


def test_boxes_are_by_a_model_that_knows_the_scenes(content: Content) -> None:
    assert [model.short for model in content.models] == [
        "autoencoder, scene-agnostic",
        "fusion, scene-agnostic",
        "fusion, scene-aware",
    ]
    for exhibit in (content.comparisons[0].allowed, content.comparisons[0].forbidden):
        assert exhibit.novel is not None and exhibit.novel.model.short == "fusion, scene-aware"
        first, second = exhibit.novel.objects
        assert (first.score, first.flagged, second.score, second.flagged) == (2.5, True, -0.25, False)
        assert first.box == pytest.approx(BOX) and second.label_below and second.label_left
        assert first.normal_named == f"train/{exhibit.video.scene}/05, 0:00.2" and second.normal is None


def test_the_page_shows_each_box_its_score_and_its_example(content: Content) -> None:
    html = page(content)
    boxes = re.findall(r'<i class="box accent-(\d)( flagged)?[^"]*" style="([^"]*)"><b>([^<]*)</b>', html)
    pictures = html.count('<div class="framed">')
    assert len(boxes) == 2 * pictures > 0 and {accent for accent, *_ in boxes} <= {"1", "2"}
    flagged = {(style, score) for _, bold, style, score in boxes if bold}
    assert flagged == {("left:50%;top:40%;width:20%;height:40%", "2.5")}
    assert html.count('alt="the normal object most like it"') == pictures
    assert html.count("most like: train/<wbr>") == pictures == html.count("like nothing in the normal footage")
    assert "boxes by fusion, scene-aware" in html


def test_normal_footage_that_is_gone_leaves_its_name(tmp_path: Path, mini: Miniature) -> None:
    html = page(gather([write_remembering_run(tmp_path / "run", mini, tmp_path / "gone.mp4")]))
    assert "most like: train/<wbr>road/<wbr>05, 0:00.2" in html
    assert 'alt="the normal object most like it"' not in html and 'alt="the object"' in html


def test_an_evaluation_from_before_objects_were_kept_has_no_boxes(tmp_path: Path, mini: Miniature, film: Path) -> None:
    html = page(gather([write_remembering_run(tmp_path / "run", mini, film, kept=False)]))
    assert '<i class="box' not in html and "Boxes stand" not in html and '<div class="framed">' in html


def test_objects_that_were_changed_are_an_error(tmp_path: Path, mini: Miniature, film: Path) -> None:
    run = write_remembering_run(tmp_path / "run", mini, film)
    path = run / "evaluation" / "objects" / "road_01.safetensors"
    path.write_bytes(path.read_bytes()[:-1] + b"\x07")
    with pytest.raises(IntegrityError, match="road_01"):
        gather([run])


def test_what_has_no_training_and_no_latent_space_is_not_shown_as_if_it_lacked_them(
    tmp_path: Path, mini: Miniature, film: Path, content: Content
) -> None:
    alone = page(gather([write_remembering_run(tmp_path / "run", mini, film)]))
    assert 'id="latent"' not in alone and 'href="#latent"' not in alone and 'id="training"' not in alone
    assert "Best step" not in alone and "2,400: road 1,200, walkway 1,200" in alone
    assert "segment_length" not in alone and "a segment lasts" not in alone
    mixed = page(content)
    assert "fusion, scene-agnostic and fusion, scene-aware remember normal footage as it was" in mixed
    assert "fusion, scene-agnostic and fusion, scene-aware remember in one pass" in mixed
    assert [space.model.short for space in content.latent] == ["autoencoder, scene-agnostic"]
    facts = {run.folder.rpartition("/")[2]: run for run in content.making.runs}
    assert facts["ae0"].remembered is None and facts["scene"].best_step is None
    assert set(content.making.differing["steps"]) == {"500", UNDEFINED}


def test_nothing_is_said_of_seeds_where_none_is_drawn(tmp_path: Path, mini: Miniature, film: Path) -> None:
    one = write_remembering_run(tmp_path / "one", mini, film)
    other = write_remembering_run(tmp_path / "other", mini, film, method="object-memory")
    assert gather([one]).findings.detail.startswith("Nothing in it is drawn at random, so no seed changes it.")
    detail = gather([one, other]).findings.detail
    assert "not due to a seed" in detail and "single seed" not in detail


def test_a_memory_wins_over_autoencoders_by_their_seeds(tmp_path: Path, mini: Miniature, film: Path) -> None:
    runs = [write_run(tmp_path / f"ae{seed}", "reconstruction", seed, mini) for seed in range(3)]
    runs.append(write_remembering_run(tmp_path / "memory", mini, film))
    found = gather(runs).findings
    assert "fusion, scene-aware wins over autoencoder, scene-agnostic: a mean AUC of 85.0" in found.headline
    assert "(±\N{NO-BREAK SPACE}1.0)" in found.detail


def test_what_the_scene_brings_is_told_where_the_headline_does_not(content: Content) -> None:
    assert not any("knowing the scene" in remark for remark in content.findings.remarks), "the headline compares them"


@pytest.mark.parametrize(("score", "told"), [(0.669, "0.67"), (-0.046, "-0.05"), (1.04, "1.04"), (123.4, "123")])
def test_a_score_at_a_box_is_short(score: float, told: str) -> None:
    assert brief(score) == told


def test_the_same_runs_give_the_same_page(content: Content) -> None:
    again = gather([run.folder for model in content.models for run in model.runs])
    assert page(again) == page(content)
