"""Boxes on the page: of which objects, by which model, and beside which nearest normal examples."""

import base64
import io
import re
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from miniature_runs import Miniature, write_run
from object_runs import BOX, write_object_run
from PIL import Image

from conftest import write_mp4
from scenewise.checksums import record_checksums, recorded_checksums
from scenewise.errors import IntegrityError
from scenewise.files import write_bytes
from scenewise.formats.pictures import jpeg_of
from scenewise.inference.heat import heat_of
from scenewise.report.frame_objects import brief, raised_by
from scenewise.report.page import page
from scenewise.report.report_data import Gathered, gather
from scenewise.report.section import fill_sections
from scenewise.report.sections import SECTIONS, comparison, findings, latent_space, provenance, training
from scenewise.runs.thumbnails import THUMBNAILS, Thumbnails, to_bytes


@pytest.fixture(scope="module")
def film(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_mp4(tmp_path_factory.mktemp("film") / "film.mp4", 120)


@pytest.fixture(scope="module")
def mini(film: Path) -> Miniature:
    return Miniature(source=film, measured=True)


def html_of(gathered: Gathered) -> str:
    return page(fill_sections(gathered, SECTIONS))


@pytest.fixture(scope="module")
def gathered(tmp_path_factory: pytest.TempPathFactory, mini: Miniature, film: Path) -> Gathered:
    """An autoencoder, and two models with objects: scene-agnostic and scene-aware."""
    folder = tmp_path_factory.mktemp("runs")
    runs = [write_run(folder / f"ae{seed}", "reconstruction", seed, mini) for seed in range(2)]
    pooled = write_object_run(folder / "pooled", mini, film, scope="pooled")
    return gather([*runs, pooled, write_object_run(folder / "scene", mini, film)])


def test_boxes_are_by_a_scene_aware_model(gathered: Gathered) -> None:
    assert [model.short for model in gathered.models] == [
        "scene-aware fusion",
        "autoencoder",
        "scene-agnostic fusion",
    ], "the default first"
    (one,) = comparison.show(gathered).comparisons
    for exhibit in (one.allowed, one.forbidden):
        assert exhibit.objects is not None and exhibit.objects.model.short == "scene-aware fusion"
        first, second = exhibit.objects.objects
        assert (first.score, first.flagged, second.score, second.flagged) == (2.5, True, -0.25, False)
        assert first.box == pytest.approx(BOX) and second.label_below and second.label_left
        assert first.nearest_from == f"train/{exhibit.video.scene}/05, 0:00.2" and second.nearest is None


def test_the_page_shows_each_box_its_score_and_its_example(gathered: Gathered) -> None:
    html = html_of(gathered)
    boxes = re.findall(r'<i class="box accent-(\d)( flagged)?[^"]*" style="([^"]*)"><b>([^<]*)</b>', html)
    pictures = html.count('<div class="framed">')
    assert len(boxes) == 2 * pictures > 0 and {accent for accent, *_ in boxes} <= {"0", "2"}
    flagged = {(style, score) for _, bold, style, score in boxes if bold}
    assert flagged == {("left:50%;top:40%;width:20%;height:40%", "2.50")}
    assert html.count('alt="its nearest normal example"') == html.count(": train/<wbr>") == pictures
    assert "boxes by scene-aware fusion" in html
    assert html.count("<b>2.50</b> mostly speed (75 %); normal in cycleway (0.20); nearest") == pictures
    assert html.count("mostly") == pictures, "nothing is said of ordinary objects"


def test_normal_footage_that_is_gone_leaves_its_name(tmp_path: Path, mini: Miniature) -> None:
    html = html_of(gather([write_object_run(tmp_path / "run", mini, tmp_path / "gone.mp4")]))
    assert "train/<wbr>road/<wbr>05, 0:00.2" in html
    assert 'alt="its nearest normal example"' not in html and 'alt="the object"' in html


def test_a_map_glows_over_the_picture(tmp_path: Path, mini: Miniature, film: Path) -> None:
    run = write_object_run(tmp_path / "run", mini, film)
    evaluation = run / "evaluation"
    (evaluation / "maps").mkdir()
    maps = np.zeros((mini.frames, 2, 3), np.float16)
    maps[:, 1, 2] = 5
    names = [f"maps/{path.stem}.npy" for path in (evaluation / "scores").glob("*.npy")]
    for name in names:
        np.save(evaluation / name, maps)
    record_checksums(evaluation, [*recorded_checksums(evaluation), *names])
    html = html_of(gather([run]))
    uris = set(re.findall(r'<img class="heat" src="data:image/png;base64,([^"]*)"', html))
    (uri,) = uris
    heat = np.asarray(Image.open(io.BytesIO(base64.b64decode(uri))))
    np.testing.assert_array_equal(heat, heat_of(maps[0]))
    assert html.count('class="heat"') == html.count('<div class="framed">') > 0
    assert "glow red" in html


@pytest.mark.parametrize("similar", [False, True])
def test_normal_footage_that_is_gone_is_shown_as_the_run_keeps_it(
    tmp_path: Path, mini: Miniature, similar: bool
) -> None:
    run = write_object_run(tmp_path / "run", mini, tmp_path / "gone.mp4")
    jpeg, shown = jpeg_of(Image.new("RGB", (40, 40), (200, 30, 30)), 80), np.array([5 if similar else 7], np.int32)
    kept = Thumbnails((jpeg,), shown, (np.zeros(9, np.uint16),), {"road": 0, "walkway": 0})
    write_bytes(run / THUMBNAILS, to_bytes(kept))
    record_checksums(run, [THUMBNAILS])
    html = html_of(gather([run]))
    alt = "a normal example like its nearest one" if similar else "its nearest normal example"
    found = re.findall(f'<img src="data:image/jpeg;base64,([^"]*)" width="40" height="40" alt="{alt}">', html)
    assert len(found) == html.count('<div class="framed">') == html.count("example: train/<wbr>") > 0
    assert html.count("(shown: the most similar one kept)") == (len(found) if similar else 0)
    (run / THUMBNAILS).write_bytes(to_bytes(kept)[:-1])
    with pytest.raises(IntegrityError, match=THUMBNAILS):
        gather([run])


def test_objects_that_were_changed_are_an_error(tmp_path: Path, mini: Miniature, film: Path) -> None:
    run = write_object_run(tmp_path / "run", mini, film)
    path = run / "evaluation" / "objects" / "road_01.safetensors"
    path.write_bytes(path.read_bytes()[:-1] + b"\x07")
    with pytest.raises(IntegrityError, match="road_01"):
        gather([run])


def test_what_has_no_training_log_and_no_latent_space(
    tmp_path: Path, mini: Miniature, film: Path, gathered: Gathered
) -> None:
    alone = gather([write_object_run(tmp_path / "run", mini, film)])
    assert training.show(alone) is None
    (space,) = latent_space.show(alone).spaces
    assert space.projection is None and space.why_not
    assert "2,400: road 1,200, walkway 1,200" in html_of(alone)
    of_all = training.show(gathered)
    assert of_all is not None and of_all.without_steps == ["scene-aware fusion", "scene-agnostic fusion"]
    facts = {run.folder.rpartition("/")[2]: run for run in provenance.show(gathered).runs}
    assert list(facts["ae0"].recorded) == ["best step"] and list(facts["scene"].recorded) == [
        "objects in the memory bank"
    ]


def test_settings_stand_by_method_and_the_differing_ones_by_run(gathered: Gathered) -> None:
    found = provenance.show(gathered)
    assert found.settings["autoencoder"] == {"objective": "reconstruction", "steps": "500", "width": "256"}
    assert found.settings["fusion"] == {}
    assert found.differing == {"scope": ["scene", "\N{EN DASH}", "\N{EN DASH}", "pooled"]}


def test_nothing_is_said_of_seeds_if_nothing_is_drawn(tmp_path: Path, mini: Miniature, film: Path) -> None:
    one = write_object_run(tmp_path / "one", mini, film)
    other = write_object_run(tmp_path / "other", mini, film, method="object-memory")
    for runs in ([one], [one, other]):
        assert "single seed" not in findings.show(gather(runs)).findings.detail


def test_what_raised_a_frame_is_a_box_an_object_nearby_or_the_frame_as_a_whole(gathered: Gathered) -> None:
    video = gathered.scenes[0].videos[0]
    one = next(found for found in video.objects if found.model.leads)
    scores = np.where(one.scores.frame == 10, 1.8, 0.1).astype(np.float32)
    calm = replace(one, scores=one.scores._replace(score=scores))
    said = {frame: raised_by([calm], one.model, frame, 25.0) for frame in (10, 40, 85, 86)}
    assert said == {10: "", 40: "the object at 0:00.4, 1.80", 85: said[40], 86: "the frame as a whole"}, "within 3 s"
    (of_frames,) = [model for model in gathered.models if model.row.method == "autoencoder"]
    assert raised_by([calm], of_frames, 10, 25.0) == "the frame as a whole", "it has no boxes"


@pytest.mark.parametrize(("score", "text"), [(0.669, "0.67"), (-0.046, "-0.05"), (1.04, "1.04"), (123.4, "123")])
def test_a_score_at_a_box_is_short(score: float, text: str) -> None:
    assert brief(score, scaled=False) == text
    assert brief(score, scaled=True) == text.replace("-0.05", "0.00"), "nothing below 0 on the scene scale"


def test_the_same_runs_give_the_same_page(gathered: Gathered) -> None:
    again = gather([run.folder for model in gathered.models for run in model.runs])
    assert html_of(again) == html_of(gathered)
