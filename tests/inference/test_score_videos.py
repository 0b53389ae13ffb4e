"""The whole command on tiny videos: whatever `score` writes is there, right, and the same as `evaluate` gives."""

import csv
import hashlib
import json
from pathlib import Path
from types import ModuleType

import av
import cv2
import numpy as np
import pytest
from PIL import Image
from tiny_films import FRAMES, pictures, write_film

from scenewise.cli import run as cli
from scenewise.config import ScoreConfig
from scenewise.errors import FingerprintError
from scenewise.files import write_json
from scenewise.inference import curve, event_file, video_folder
from scenewise.inference.score_videos import score_videos
from scenewise.runs.run import open_run
from scenewise.video import stream

pytestmark = pytest.mark.slow

EXTRACT = ["--encoder", "motion-grid", "--no-objects"]
TRAIN = ["--method", "autoencoder", "--steps", "20", "--segments-per-scene", "4", "--width", "16", "--latent", "8",
         "--feed-forward", "16", "--checkpoint-every", "10", "--device", "cpu"]  # fmt: skip


@pytest.fixture(scope="module")
def data(tmp_path_factory: pytest.TempPathFactory) -> Path:
    root = tmp_path_factory.mktemp("data")
    for scene, name in enumerate(("road", "walkway")):
        for number in range(3):
            write_film(root / "train" / name / f"{number:02d}.mp4", pictures(scene, number))
        write_film(root / "test" / name / f"{name}-new.mp4", pictures(scene, 7, odd=True))
    return root


@pytest.fixture(scope="module")
def trained(data: Path) -> Path:
    features, folder = data.parent / "features", data.parent / "run"
    assert cli(["extract", str(data), "--out", str(features), *EXTRACT]) == 0
    assert cli(["train", str(features), "--out", str(folder), "--smoothing", "0.1", *TRAIN]) == 0
    assert cli(["evaluate", str(folder), "--unlabelled"]) == 0
    return folder


def new(data: Path, scene: str) -> Path:
    return data / "test" / scene / f"{scene}-new.mp4"


def table(folder: Path) -> list[dict[str, str]]:
    with (folder / "scores.csv").open(newline="") as file:
        return list(csv.DictReader(file))


def refused(capsys: pytest.CaptureFixture[str], *arguments: object, code: int = 2) -> str:
    capsys.readouterr()
    assert cli([str(argument) for argument in arguments]) == code
    printed = capsys.readouterr()
    assert printed.err.count("scenewise:") == 1 and "Traceback" not in printed.err
    return printed.err


def test_frames_that_are_lost_are_said(
    data: Path, trained: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    folder = tmp_path / "clip"
    folder.mkdir()
    for number, picture in enumerate(pictures(0, 7, 60)):
        Image.fromarray(picture).save(folder / f"{number:02d}.png")
    for number in (7, 8):
        (folder / f"{number:02d}.png").write_bytes(b"damaged")
    capsys.readouterr()
    assert cli(["score", str(trained), str(folder), "--out", str(tmp_path / "out"), "--scene", "road"]) == 0
    assert "road, 60 frames, of which 2 could not be decoded, " in capsys.readouterr().out


def test_all_files_are_written(data: Path, trained: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    videos = [str(new(data, "road")), str(new(data, "walkway"))]
    capsys.readouterr()
    assert cli(["score", str(trained), *videos, "--out", str(tmp_path / "out"), "--annotate", "--json"]) == 0
    result = json.loads(capsys.readouterr().out)
    assert [video["scene"] for video in result["videos"]] == ["road", "walkway"] and result["failed"] == []
    for described in result["videos"]:
        folder = Path(described["folder"])
        rows = table(folder)
        assert list(rows[0]) == ["frame", "time", "score", "scene", "scene_score", "lost"]
        assert [int(row["frame"]) for row in rows] == list(range(FRAMES)) and {row["lost"] for row in rows} == {"0"}
        np.testing.assert_allclose([float(row["time"]) for row in rows], np.arange(FRAMES) / 25, atol=1e-3)
        assert {row["scene"] for row in rows} == {described["scene"]}
        scores = np.array([float(row["scene_score"]) for row in rows])
        evaluated = np.load(trained / "evaluation" / "scores" / f"{described['scene']}_{folder.name}.npy")
        np.testing.assert_allclose(scores, evaluated, rtol=1e-4, atol=1e-5)

        assert described["events"], "the flashing stripe is found"
        for event in described["events"]:
            inside = slice(event["first_frame"], event["last_frame"] + 1)
            assert event["peak_frame"] == inside.start + scores[inside].argmax()
            assert event["peak_score"] == pytest.approx(scores[inside].max()) and event["peak_score"] > 1
            assert event["start"] == pytest.approx(event["first_frame"] / 25, abs=1e-3)
            with Image.open(folder / event["thumbnail"]) as thumbnail:
                assert thumbnail.size == (96, 72)
        highest = max(described["events"], key=lambda event: event["peak_score"])
        assert FRAMES // 2 - 8 <= highest["peak_frame"] < FRAMES // 2 + 23
        assert (folder / "curve.svg").read_text().startswith("<?xml")
        with Image.open(folder / "curve.png") as curve:
            assert curve.width > 1000
        recorded = dict(reversed(line.split("  ")) for line in (folder / "SHA256SUMS").read_text().splitlines())
        there = {path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_file()} - {"SHA256SUMS"}
        assert recorded == {name: hashlib.sha256((folder / name).read_bytes()).hexdigest() for name in there}


def test_scores_of_every_nth_frame_are_those_of_evaluate(data: Path, tmp_path: Path) -> None:
    """The run knows that only every fourth frame was encoded; objects keep their own pace."""
    features, folder = tmp_path / "features", tmp_path / "run"
    assert cli(["extract", str(data), "--out", str(features), "--encoder", "motion-grid", "--encode-every", "4"]) == 0
    assert cli(["train", str(features), "--out", str(folder)]) == 0
    assert cli(["evaluate", str(folder), "--unlabelled"]) == 0
    score_videos(folder, [new(data, "road")], tmp_path / "out", ScoreConfig(scene="road", device="cpu"))
    scores = [float(row["scene_score"]) for row in table(tmp_path / "out" / "road-new")]
    evaluated = np.load(folder / "evaluation" / "scores" / "road_road-new.npy")
    np.testing.assert_allclose(scores, evaluated, rtol=1e-4, atol=1e-5)


def test_the_annotated_video_keeps_every_frame_and_its_time(data: Path, trained: Path, tmp_path: Path) -> None:
    out = score_videos(trained, [new(data, "road")], tmp_path, ScoreConfig(annotate=True, device="cpu"))
    with av.open(tmp_path / "road-new" / "annotated.mp4") as container:
        assert container.streams.video[0].codec_context.name == "h264"
        shown = list(container.decode(video=0))
    assert len(shown) == FRAMES
    np.testing.assert_allclose([float(frame.time) for frame in shown], np.arange(FRAMES) / 25, atol=1e-3)
    event = max(out.videos[0]["events"], key=lambda event: event["peak_score"])
    drawn = shown[event["peak_frame"]].to_ndarray(format="rgb24")
    original = cv2.resize(pictures(0, 7, odd=True)[event["peak_frame"]], (480, 360), interpolation=cv2.INTER_CUBIC)
    assert drawn.shape[1] == 480 and drawn.shape[0] > 360
    inner = np.abs(drawn[20:340, 20:460].astype(int) - original[20:340, 20:460])
    assert inner.mean() < 12
    border = drawn[:2, 100:400].mean(axis=(0, 1))
    assert border[0] > 200 and border[1] < 140  # the alarm's red


def test_results_are_kept_until_something_changes(
    data: Path, trained: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def score(**settings: object) -> int:
        passes = 0
        real = video_folder.score_source

        def counted(*arguments: object) -> None:
            nonlocal passes
            passes += 1
            real(*arguments)  # type: ignore[arg-type]

        with monkeypatch.context() as patch:
            patch.setattr(video_folder, "score_source", counted)
            result = score_videos(trained, [new(data, "road")], tmp_path, ScoreConfig(device="cpu", **settings))  # type: ignore[arg-type]
        assert result.videos[0]["frames"] == FRAMES
        return passes

    assert (score(), score()) == (1, 0)
    (tmp_path / "road-new" / "scores.csv").write_text("changed")
    assert (score(), score()) == (1, 0)
    assert (score(threshold=2.0), score(threshold=2.0)) == (1, 0)
    assert (score(latency=0.5), score(latency=0.5)) == (1, 0)
    assert len(table(tmp_path / "road-new")) == FRAMES
    assert (score(), score(annotate=True), score(annotate=True), score()) == (1, 1, 0, 0)
    assert (tmp_path / "road-new" / "annotated.mp4").is_file()
    assert (score(clips=True), score(clips=True), score()) == (1, 0, 0)
    assert list((tmp_path / "road-new" / "clips").glob("*.mp4"))


def test_foreign_files_are_kept_and_named_before_the_first_video(
    data: Path, trained: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    first, second, out = new(data, "road"), new(data, "walkway"), tmp_path / "out"
    score_videos(trained, [second], out)
    (note := out / "walkway-new" / "thumbnails" / "note.txt").parent.mkdir(exist_ok=True)
    note.write_text("mine")
    (out / "walkway-new" / ".writing-scores.csv").write_text("left by a kill")
    assert "found thumbnails/note.txt" in refused(
        capsys, "score", trained, first, second, "--out", out, "--threshold", 2
    )
    assert note.read_text() == "mine" and not (out / "road-new").exists()
    note.unlink()
    assert not score_videos(trained, [first, second], out, ScoreConfig(threshold=2)).failed


def test_latency_is_stated_and_kept_to(
    data: Path, trained: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    def score(*flags: str) -> tuple[float, str]:
        out = tmp_path / "-".join(["out", *flags])
        assert cli(["score", str(trained), str(new(data, "road")), "--out", str(out), "--scene", "road", *flags]) == 0
        return json.loads((out / "road-new" / "events.json").read_text())["latency"], capsys.readouterr().out

    whole, printed = score()
    # Windows of 16 frames start every 4 frames; 0.1 seconds of smoothing reach 0.4 seconds.
    assert whole == pytest.approx(0.4 + open_run(trained).open_scorer("cpu").look_ahead(25), abs=1e-3)
    assert f"scores are known {whole:.1f} s after the frame" in printed
    short, printed = score("--latency", "0.5")
    assert 0.4 < short <= 0.5 < whole and f"scores are known {short:.1f} s after the frame" in printed
    scores = [
        [float(row["score"]) for row in table(tmp_path / out / "road-new")] for out in ("out", "out---latency-0.5")
    ]
    assert len(scores[0]) == len(scores[1]) == FRAMES and scores[0] != scores[1]
    assert score("--latency", "60")[0] == whole
    assert "--latency: expected a number from 0.2 to 60" in refused(
        capsys, "score", trained, new(data, "road"), "--out", tmp_path, "--latency", 0.1
    )


def test_a_stream_is_scored_like_the_file_it_sends(
    data: Path, trained: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(stream, "OPEN_TIMEOUT", 0.5)
    monkeypatch.setattr(stream, "READ_TIMEOUT", 0.5)
    recording = write_film(tmp_path / "camera.ts", pictures(0, 7, odd=True))
    address, out = f"follow:{recording}", tmp_path / "out"
    assert cli(["score", str(trained), address, "--out", str(out), "--clips"]) == 0
    assert not (out / "camera" / "clips").exists()
    score_videos(trained, [recording], tmp_path / "file")
    assert table(out / "camera") == table(tmp_path / "file" / "camera")
    assert "earlier stream" in refused(capsys, "score", trained, address, "--out", out)
    assert "--annotate" in refused(capsys, "score", trained, address, "--out", tmp_path / "other", "--annotate")
    other = write_film(recording.with_name("b.ts"), pictures(0, 7))
    assert "separate command" in refused(capsys, "score", trained, address, other, "--out", out)


def test_a_name_as_long_as_names_may_be(data: Path, trained: Path, tmp_path: Path) -> None:
    video = tmp_path / f"{'n' * 251}.mp4"
    video.write_bytes(new(data, "road").read_bytes())
    assert (Path(score_videos(trained, [video], tmp_path / "out").videos[0]["folder"]) / "scores.csv").is_file()


def test_json_is_printed_if_every_video_failed(
    trained: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    capsys.readouterr()
    (tmp_path / "none.mp4").write_bytes(b"no video")
    assert cli(["score", str(trained), str(tmp_path / "none.mp4"), "--out", str(tmp_path / "out"), "--json"]) == 2
    result = json.loads(capsys.readouterr().out)
    assert result["videos"] == [] and "none.mp4" in result["failed"][0]["reason"] and result["page"] is None


def test_an_unknown_scene_is_refused_unless_forced(
    data: Path, trained: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    other = write_film(tmp_path / "elsewhere.mp4", pictures(17, 0))
    error = refused(capsys, "score", trained, other, "--out", tmp_path / "out")
    assert "none of the scenes" in error and "--scene" in error and "elsewhere.mp4" in error
    assert not (tmp_path / "out" / "elsewhere").exists()
    assert cli(["score", str(trained), str(other), "--out", str(tmp_path / "out"), "--scene", "walkway"]) == 0
    assert table(tmp_path / "out" / "elsewhere")[0]["scene"] == "walkway"
    # The other videos are scored all the same.
    error = refused(capsys, "score", trained, other, new(data, "road"), "--out", tmp_path / "both", code=3)
    assert "1 of 2 not scored" in error and (tmp_path / "both" / "road-new" / "scores.csv").is_file()


def test_one_training_video_a_scene_refuses_no_video_and_a_note_says_so(
    data: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    write_film(tmp_path / "data" / "train" / "road" / "00.mp4", pictures(0, 0, frames=120))
    assert cli(["extract", str(tmp_path / "data"), "--out", str(tmp_path / "f"), *EXTRACT]) == 0
    alone = ["--objective", "reconstruction", *TRAIN]
    assert cli(["train", str(tmp_path / "f"), "--out", str(tmp_path / "run"), *alone]) == 0
    assert "no scene of the run has a second training video" in capsys.readouterr().out, "said when it can be mended"
    later = [np.clip(picture * 0.9 + 12, 0, 255).astype(np.uint8) for picture in pictures(0, 3)]
    video = write_film(tmp_path / "later.mp4", later)
    capsys.readouterr()
    assert cli(["score", str(tmp_path / "run"), str(video), "--out", str(tmp_path / "out")]) == 0
    printed = capsys.readouterr()
    assert "no scene of the run has a second training video" in printed.err
    assert "road (the nearest scene, uncertain)" in printed.out
    assert json.loads((tmp_path / "out" / "later" / "events.json").read_text())["scene_recognised"] == "nearest"


def test_a_budget_reports_the_missing_hours(
    data: Path, trained: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    arguments = ["score", str(trained), str(new(data, "road")), "--out", str(tmp_path), "--alarms-per-day", "1"]
    assert cli(arguments) == 0
    assert "extrapolated from" in (printed := capsys.readouterr().out) and "24 hours more are needed" in printed
    described = json.loads((tmp_path / "road-new" / "events.json").read_text())
    assert described["threshold"]["extrapolated"] and described["threshold"]["missing_hours"] == pytest.approx(24, 0.01)


def test_folders_of_frames_and_of_videos(data: Path, trained: Path, tmp_path: Path) -> None:
    for index, picture in enumerate(pictures(0, 7)):
        (tmp_path / "frames").mkdir(exist_ok=True)
        Image.fromarray(picture).save(tmp_path / "frames" / f"{index:03d}.png")
    summary = score_videos(
        trained, [tmp_path / "frames", data / "test" / "road"], tmp_path / "out", ScoreConfig(fps=10, scene="road")
    )
    assert not summary.failed
    assert [Path(video["folder"]).name for video in summary.videos] == ["frames", "road-new"]
    assert table(tmp_path / "out" / "frames")[-1]["time"] == "6.900"


def test_a_name_is_text_and_the_same_video_twice_is_scored_once(data: Path, trained: Path, tmp_path: Path) -> None:
    video = tmp_path / "5$ and \\nope{$.mp4"
    video.write_bytes(new(data, "road").read_bytes())
    summary = score_videos(trained, [video, tmp_path / "." / video.name, video], tmp_path / "out")
    assert [video_result["video"] for video_result in summary.videos] == [str(video)]
    assert (tmp_path / "out" / video.stem / "curve.png").is_file()


def test_ignore_masks_hold_for_new_videos_too(data: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    grey = np.zeros((72, 96), np.uint8)
    grey[40:, 30:] = 255  # where the stripe flashes
    Image.fromarray(grey).save(mask := tmp_path / "walkway.png")
    features, folder = tmp_path / "features", tmp_path / "run"
    assert cli(["extract", str(data), "--out", str(features), *EXTRACT, "--ignore-mask", str(mask)]) == 0
    assert cli(["train", str(features), "--out", str(folder), *TRAIN]) == 0
    assert cli(["evaluate", str(folder), "--unlabelled"]) == 0
    videos = [new(data, "road"), new(data, "walkway")]
    for given in (None, "walkway"):
        summary = score_videos(folder, videos[given is not None :], tmp_path / f"{given}", ScoreConfig(scene=given))
        assert not summary.failed
        for described in summary.videos:
            out = Path(described["folder"])
            evaluated = np.load(folder / "evaluation" / "scores" / f"{described['scene']}_{out.name}.npy")
            scores = [float(row["scene_score"]) for row in table(out)]
            np.testing.assert_allclose(scores, evaluated, rtol=1e-4, atol=1e-5)
    grey[:5] = 255
    Image.fromarray(grey).save(mask)
    error = refused(capsys, "score", folder, videos[0], "--out", tmp_path / "out")
    assert f"--ignore-mask {mask}" in error and "was changed" in error
    mask.unlink()
    error = refused(capsys, "score", folder, videos[0], "--out", tmp_path / "out")
    assert f"--ignore-mask {mask}" in error and "no such file" in error


def test_help_states_every_setting(capsys: pytest.CaptureFixture[str]) -> None:
    assert cli(["score", "--help"]) == 0
    text = " ".join(capsys.readouterr().out.replace("│", " ").split())
    assert all(
        flag in text
        for flag in ("--scene", "--alarms-per-day", "--annotate", "--json", "--config", "--merge", "--latency")
    )


def test_mistakes_are_one_clear_line(
    data: Path, trained: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    video, out = new(data, "road"), tmp_path / "out"
    assert "at least one" in refused(capsys, "score", trained, "--out", out)
    missing = refused(capsys, "score", trained, video, tmp_path / "none.mp4", "--out", out)
    assert "none.mp4: there is no such file" in missing and not out.exists(), "said before anything is scored"
    assert "did you mean road?" in refused(capsys, "score", trained, video, "--out", out, "--scene", "raod")
    assert "both" in refused(capsys, "score", trained, video, "--out", out, "--threshold", 2, "--alarms-per-day", 1)
    assert "--alarms-per-day" in refused(capsys, "score", trained, video, "--out", out, "--alarms-per-day", 0)
    twins = [write_film(tmp_path / f"{one}" / "road" / "new.mp4", pictures(0, 1)) for one in "ab"]
    assert "both be written to new" in refused(capsys, "score", trained, *twins, "--out", out)
    (out / "road-new").mkdir(parents=True)
    (out / "road-new" / "diary.txt").write_text("mine")
    assert "diary.txt" in refused(capsys, "score", trained, video, "--out", out)
    assert (out / "road-new" / "diary.txt").read_text() == "mine"
    (out / "walkway-new").write_text("mine")
    assert "found a file" in refused(capsys, "score", trained, new(data, "walkway"), "--out", out)
    for name in ("..mp4", "...mp4", ".mp4", ".monday.mp4"):
        nameless = write_film(tmp_path / "nameless" / name, pictures(0, 1, frames=2))
        assert f"{name}: expected a name" in refused(capsys, "score", trained, nameless, "--out", out / "inner")
    (tmp_path / "empty").mkdir()
    assert "holds neither" in refused(capsys, "score", trained, tmp_path / "empty", "--out", out)


def test_a_file_or_the_scored_pictures_as_the_place_of_results_are_refused_before_any_work(
    data: Path, trained: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    Path("X").write_text("mine")
    for out in ("X", "X/sub"):
        error = refused(capsys, "score", trained, new(data, "road"), "--out", out)
        assert f"--out {out}: expected a folder" in error and "X is no folder" in error
    assert Path("X").read_text() == "mine"
    (pics := Path("v/pics")).mkdir(parents=True)
    for index, picture in enumerate(pictures(0, 7, frames=3)):
        Image.fromarray(picture).save(pics / f"{index:03d}.png")
    for out in ("v/pics", "v/../v/pics/results"):
        for given in ("v/pics", "v"):
            assert "lie in v/pics" in refused(capsys, "score", trained, given, "--out", out)
    assert len(list(pics.iterdir())) == 3


def test_what_holds_no_video_is_listed_as_failed_and_the_others_go_on(
    data: Path, trained: Path, tmp_path: Path
) -> None:
    (empty := tmp_path / "empty").mkdir()
    (hidden := tmp_path / "hidden").mkdir()
    (hidden / "._monday.mp4").write_bytes(b"left by a file manager")
    (tmp_path / "none.mp4").write_bytes(b"no video")
    summary = score_videos(trained, [new(data, "road"), empty, hidden, tmp_path / "none.mp4"], tmp_path / "out")
    assert [Path(video["folder"]).name for video in summary.videos] == ["road-new"]
    assert [Path(failed["video"]).name for failed in summary.failed] == ["empty", "hidden", "none.mp4"]
    assert all("holds neither" in failed["reason"] for failed in summary.failed[:2])


def test_results_of_two_cameras_with_the_same_file_names_lie_apart(data: Path, trained: Path, tmp_path: Path) -> None:
    """A recorder names by date; a folder of SCENE/VIDEO is taken as it is, and names the scenes."""
    for scene in ("road", "walkway"):
        (tmp_path / "new" / scene).mkdir(parents=True)
        (tmp_path / "new" / scene / "20260101.mp4").write_bytes(new(data, scene).read_bytes())
    summary = score_videos(trained, [tmp_path / "new"], tmp_path / "out")
    found = {video["folder"]: (video["scene"], video["scene_given"]) for video in summary.videos}
    assert found == {str(tmp_path / "out" / scene / "20260101"): (scene, True) for scene in ("road", "walkway")}
    twins = [tmp_path / "new" / scene / "20260101.mp4" for scene in ("road", "walkway")]
    again = score_videos(trained, twins, tmp_path / "out")
    assert {video["folder"] for video in again.videos} == set(found)


def test_another_encoder_is_refused(
    data: Path, trained: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    described = json.loads((trained / "run.json").read_text())
    described["encoder"]["identity"]["revision"] = 99
    other = tmp_path / "run"
    other.mkdir()
    for file in trained.iterdir():
        if file.is_file():
            (other / file.name).write_bytes(file.read_bytes())

    def rewrite() -> None:
        from scenewise.checksums import record_checksums

        write_json(other / "run.json", described)
        record_checksums(other, ["run.json"])

    rewrite()
    with pytest.raises(FingerprintError, match="revision"):
        score_videos(other, [new(data, "road")], tmp_path / "out")
    described["encoder"]["identity"]["revision"] = 1
    described["extract_config"] = None
    rewrite()
    assert "--encoder" in refused(capsys, "score", other, new(data, "road"), "--out", tmp_path / "out")
    given = ScoreConfig(encoder="motion-grid", device="cpu")
    assert score_videos(other, [new(data, "road")], tmp_path / "out", given).videos


@pytest.mark.parametrize(("module", "step"), [(curve, "Figure"), (event_file, "write_json")])
def test_nothing_half_written_is_left(
    module: ModuleType, step: str, data: Path, trained: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def stopped(*arguments: object, **named: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(module, step, stopped)
    assert cli(["score", str(trained), str(new(data, "road")), "--out", str(tmp_path / "out")]) == 130
    assert not list(tmp_path.glob("out/*"))
