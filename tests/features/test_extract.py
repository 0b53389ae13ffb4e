"""Extraction: what is whole is kept, a kill costs one block, and the same footage gives the same bytes."""

import os
import shutil
import signal
import subprocess
import sys
import time
from dataclasses import replace
from pathlib import Path

import av
import numpy as np
import pytest

from conftest import write_mp4
from counting_encoder import CountingEncoder
from scenewise.cli import run
from scenewise.config import ExtractConfig
from scenewise.errors import ConfigError, DataError, FingerprintError, IntegrityError, VideoError
from scenewise.features import process_video as process_module
from scenewise.features.extract import extract
from scenewise.features.store import open_store
from scenewise.video.source import open_source

pytestmark = pytest.mark.slow

MOTION = ExtractConfig(encoder="motion-grid", block=16, objects=False)  # test_extract_objects.py has them


def feature_files(folder: Path) -> dict[str, bytes]:
    """All but the manifest, which knows where the footage lies."""
    return {
        path.relative_to(folder).as_posix(): path.read_bytes()
        for path in folder.rglob("*")
        if path.is_file() and path.parent != folder
    }


@pytest.fixture
def encoder(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> CountingEncoder:
    """It carries state, unless a test is parametrised with WITH_AND_WITHOUT_STATE."""
    made = CountingEncoder(getattr(request, "param", True))
    monkeypatch.setattr(process_module, "open_encoder", lambda config: made)
    return made


WITH_AND_WITHOUT_STATE = pytest.mark.parametrize("encoder", [False, True], ids=["stateless", "stateful"], indirect=True)


def test_every_frame_has_its_features(tiny_dataset: Path, tmp_path: Path, encoder: CountingEncoder) -> None:
    summary = extract(tiny_dataset, tmp_path / "features", MOTION)
    assert len(summary.extracted) == 6 and summary.frames == 340 and not summary.failed
    store = open_store(tmp_path / "features")
    assert [video.title for video in store.videos[:3]] == ["train/road/00", "train/road/01", "train/walkway/00"]
    for video in store.videos:
        blocks = list(video.blocks())
        assert [block.first for block in blocks] == list(range(0, video.frames, 16))
        assert video.features().shape == (video.frames, 4) and video.features().dtype == np.float16
        times = np.concatenate([block.timestamps for block in blocks])
        np.testing.assert_allclose(times, np.arange(video.frames) / 25, atol=1e-3)
        assert blocks[0].regions is not None and blocks[0].regions.shape == (16, 2, 4)
        assert video.regions == (2, 4)
    labels = {video.title: video.labels for video in store.videos}
    assert labels["train/road/00"] is None and str(labels["test/road/00"].path).endswith("labels/road/00.npy")


def test_what_is_whole_is_kept(tiny_dataset: Path, tmp_path: Path, encoder: CountingEncoder) -> None:
    extract(tiny_dataset, tmp_path / "features", MOTION)
    before, encoder.encoded = feature_files(tmp_path / "features"), 0
    summary = extract(tiny_dataset, tmp_path / "features", MOTION)
    assert len(summary.kept) == 6 and not summary.extracted and encoder.encoded == 0
    assert feature_files(tmp_path / "features") == before


@WITH_AND_WITHOUT_STATE
def test_a_stopped_extraction_goes_on_inside_a_video(
    tiny_dataset: Path, tmp_path: Path, encoder: CountingEncoder
) -> None:
    extract(tiny_dataset, tmp_path / "whole", MOTION)
    extract(tiny_dataset, tmp_path / "cut", MOTION)
    folder = tmp_path / "cut" / "train" / "road" / "00"
    for name in ("video.json", "000032.safetensors"):
        (folder / name).unlink()
    for name in (".writing-000032.safetensors", ".writing-000999.safetensors", ".writing-SHA256SUMS"):
        (folder / name).write_bytes(b"half")  # as a kill leaves them
    encoder.encoded = 0
    summary = extract(tiny_dataset, tmp_path / "cut", MOTION)
    assert summary.extracted == ["train/road/00"] and summary.frames == 60 - 32
    assert encoder.encoded == (60 if encoder.carries_state else 28)
    assert feature_files(tmp_path / "cut") == feature_files(tmp_path / "whole")


@WITH_AND_WITHOUT_STATE
def test_a_changed_byte_is_noticed_and_mended(tiny_dataset: Path, tmp_path: Path, encoder: CountingEncoder) -> None:
    extract(tiny_dataset, tmp_path / "features", MOTION)
    before = feature_files(tmp_path / "features")
    for name in ("000016.safetensors", "video.json", "SHA256SUMS"):
        path = tmp_path / "features" / "test" / "road" / "00" / name
        content = bytearray(path.read_bytes())
        content[len(content) // 2] ^= 4
        path.write_bytes(content)
        if name.endswith("safetensors"):
            video = next(v for v in open_store(tmp_path / "features").videos if v.title == "test/road/00")
            with pytest.raises(IntegrityError, match=name):
                video.features()
        assert extract(tiny_dataset, tmp_path / "features", MOTION).extracted == ["test/road/00"], name
        assert feature_files(tmp_path / "features") == before, name


def test_another_encoder_or_another_video_is_extracted_anew(
    tiny_dataset: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for revision in (1, 2):
        made = CountingEncoder(False, revision)
        monkeypatch.setattr(process_module, "open_encoder", lambda config, made=made: made)
        assert len(extract(tiny_dataset, tmp_path / "features", MOTION).extracted) == 6
    write_mp4(tiny_dataset / "train" / "road" / "01.mp4", 33, seed=99)
    summary = extract(tiny_dataset, tmp_path / "features", MOTION)
    assert summary.extracted == ["train/road/01"] and summary.frames == 33


def test_the_splits_can_be_extracted_one_after_the_other(
    tiny_dataset: Path, tmp_path: Path, encoder: CountingEncoder
) -> None:
    for split in ("train", "test"):
        extract(
            tiny_dataset, tmp_path / "parts", ExtractConfig(encoder="motion-grid", objects=False, block=16, split=split)
        )
    extract(tiny_dataset, tmp_path / "whole", MOTION)
    assert feature_files(tmp_path / "parts") == feature_files(tmp_path / "whole")
    titles = [video.title for video in open_store(tmp_path / "parts").videos]
    assert titles == [video.title for video in open_store(tmp_path / "whole").videos]


def test_one_bad_video_does_not_stop_the_rest(tiny_dataset: Path, tmp_path: Path, encoder: CountingEncoder) -> None:
    bad = tiny_dataset / "train" / "road" / "02.mp4"
    bad.write_text("not a video")
    summary = extract(tiny_dataset, tmp_path / "features", MOTION)
    assert len(summary.extracted) == 6
    assert [failed["video"] for failed in summary.failed] == ["train/road/02"] and "02.mp4" in summary.failed[0][
        "reason"
    ]
    assert open_store(tmp_path / "features").failed == tuple(summary.failed)
    strict = ExtractConfig(encoder="motion-grid", objects=False, strict=True)
    with pytest.raises(VideoError, match=r"02\.mp4"):
        extract(tiny_dataset, tmp_path / "strict", strict)


def test_nothing_readable_is_an_error(tmp_path: Path, encoder: CountingEncoder) -> None:
    (tmp_path / "data" / "train" / "road").mkdir(parents=True)
    with pytest.raises(DataError, match="no video"):
        extract(tmp_path / "data", tmp_path / "features", MOTION)
    (tmp_path / "data" / "train" / "road" / "a.mp4").write_bytes(b"")
    with pytest.raises(DataError, match="none of its 1 video can"):
        extract(tmp_path / "data", tmp_path / "features", MOTION)


def test_the_same_footage_elsewhere_gives_the_same_bytes(tmp_path: Path) -> None:
    for name in ("train/road/00.mp4", "test/road/00.mp4"):
        write_mp4(tmp_path / "data" / name, 20, seed=len(name))
    extract(tmp_path / "data", tmp_path / "one", MOTION)
    shutil.move(tmp_path / "data", tmp_path / "elsewhere")
    extract(tmp_path / "elsewhere", tmp_path / "two", MOTION)
    assert feature_files(tmp_path / "one") == feature_files(tmp_path / "two")


def test_each_split_keeps_its_own_failed_videos(tiny_dataset: Path, tmp_path: Path, encoder: CountingEncoder) -> None:
    for split in ("train", "test"):
        (tiny_dataset / split / "road" / "bad.mp4").write_text("not a video")
    for split in ("test", "train", "test"):
        extract(tiny_dataset, tmp_path / "f", ExtractConfig(encoder="motion-grid", objects=False, split=split))
        failed = [failed["video"] for failed in open_store(tmp_path / "f").failed]
        assert f"{split}/road/bad" in failed
    assert failed == ["train/road/bad", "test/road/bad"]


def test_a_split_made_otherwise_is_refused_before_any_work(tiny_dataset: Path, tmp_path: Path) -> None:
    test_only = ExtractConfig(encoder="motion-grid", objects=False, split="test")
    out = tmp_path / "f"
    extract(
        tiny_dataset, out, ExtractConfig(encoder="motion-grid", objects=False, split="train"), CountingEncoder(False)
    )
    other = CountingEncoder(False, revision=2)
    with pytest.raises(FingerprintError, match="revision is 1 there and 2 here"):
        extract(tiny_dataset, out, test_only, other)
    assert other.encoded == 0 and len(open_store(out).of("train")) == 4
    manifest = out / "manifest.json"
    content = manifest.read_bytes()
    manifest.write_bytes(content[:-2])
    with pytest.raises(IntegrityError, match=r"manifest\.json"):
        extract(tiny_dataset, out, test_only, other)
    assert other.encoded == 0
    # Both splits at once need nothing of what was there.
    assert len(extract(tiny_dataset, out, ExtractConfig(encoder="motion-grid", objects=False), other).extracted) == 6


def test_the_rate_of_frames_that_come_irregularly_is_that_of_most(tmp_path: Path, encoder: CountingEncoder) -> None:
    path = tmp_path / "data" / "train" / "road" / "0.mkv"
    path.parent.mkdir(parents=True)
    with av.open(path, "w") as container:
        stream = container.add_stream("mpeg4", rate=25)
        stream.width, stream.height, stream.pix_fmt = 64, 48, "yuv420p"
        for number in range(50):
            frame = av.VideoFrame.from_ndarray(np.full((48, 64, 3), 4 * number, np.uint8), format="rgb24")
            frame.pts = number if number < 20 else 20 + 4 * (number - 20)  # a camera that slows down in the dark
            container.mux(stream.encode(frame))
        container.mux(stream.encode(None))
    assert open_source(path).fps_claimed == 25
    summary = extract(tmp_path / "data", tmp_path / "f", MOTION)
    video = open_store(tmp_path / "f").videos[0]
    assert video.fps == open_source(path).fps == 6.25  # what `score` goes by
    fault = "41% of its frames do not come at its pace of 6.25 frames per second"
    assert summary.notes == [f"train/road/0: {fault}"]
    before = feature_files(tmp_path / "f")
    (video.folder / "video.json").unlink()
    extract(tmp_path / "data", tmp_path / "f", MOTION)
    assert feature_files(tmp_path / "f") == before and open_store(tmp_path / "f").videos[0].fps == video.fps


def test_what_was_passed_over_is_told(tiny_dataset: Path, tmp_path: Path, encoder: CountingEncoder) -> None:
    assert extract(tiny_dataset, tmp_path / "f", MOTION).notes == []
    for number in range(7):
        (tiny_dataset / "train" / "road" / f"note{number}.txt").touch()
    (tiny_dataset / "train" / "road" / "monday").mkdir()
    (tiny_dataset / "train" / "road" / "monday" / "x.mp4").touch()
    plain, nested = extract(tiny_dataset, tmp_path / "f", MOTION).notes
    assert "7 files or folders" in plain and "note4.txt and 2 more" in plain and "note5" not in plain
    assert "one level too deep" in nested and "train/road/monday" in nested


@pytest.mark.slow
@pytest.mark.parametrize("every", ["1", "3"])
def test_killed_extraction_gives_the_same_bytes(tmp_path: Path, every: str) -> None:
    data, cut = tmp_path / "data", tmp_path / "cut"
    write_mp4(data / "train" / "road" / "0.mp4", 240)
    command = ["extract", str(data), "--encoder", "motion-grid", "--block", "4", "--no-objects"]
    command += ["--encode-every", every, "--out"]
    process = subprocess.Popen(
        [sys.executable, "-m", "scenewise", *command, str(cut)], stderr=subprocess.DEVNULL, stdout=subprocess.DEVNULL
    )
    while len(list(cut.rglob("[0-9]*.safetensors"))) < 6 and process.poll() is None:
        time.sleep(0.002)
    assert process.poll() is None, "it was still at work when it was killed"
    os.kill(process.pid, signal.SIGKILL)
    process.wait()
    assert not (cut / "manifest.json").exists()
    assert run([*command, str(cut)]) == run([*command, str(tmp_path / "whole")]) == 0
    assert feature_files(cut) == feature_files(tmp_path / "whole")
    assert sorted(path.name for path in cut.iterdir()) == ["SHA256SUMS", "manifest.json", "train"]
    assert sorted(path.name for path in tmp_path.iterdir()) == ["cut", "data", "whole"], "no lock is left"


@pytest.mark.parametrize("carries_state", [False, True])
def test_frames_between_repeat_the_one_before(tiny_dataset: Path, tmp_path: Path, carries_state: bool) -> None:
    """Every third frame is encoded; a stopped extraction goes on to the same bytes, in the middle of a repetition."""
    config = replace(MOTION, encode_every=3, block=8)
    encoder = CountingEncoder(carries_state)
    frames = extract(tiny_dataset, tmp_path / "whole", config, encoder).frames
    store = open_store(tmp_path / "whole")
    assert encoder.encoded == sum(-(-video.frames // 3) for video in store.videos) < frames / 2
    assert store.fingerprint.identity["encode_every"] == 3 and store.extract_config.encode_every == 3
    for video in store.videos:
        path = Path(video.source)
        every_third = np.concatenate([block.frames for block in open_source(path).blocks(32)])[::3]
        encoder.reset()
        obvious = encoder.encode(every_third).features.repeat(3, axis=0)[: video.frames].astype(np.float16)
        np.testing.assert_allclose(video.features(), obvious, rtol=1e-3)
        regions = np.concatenate([block.regions for block in video.blocks()])
        np.testing.assert_allclose(regions, np.stack([obvious, obvious], axis=1), rtol=1e-3)
    shutil.copytree(tmp_path / "whole", tmp_path / "cut")
    folder = tmp_path / "cut" / store.videos[0].folder.relative_to(store.folder)
    for name in ("video.json", "000008.safetensors"):
        (folder / name).unlink()
    assert extract(tiny_dataset, tmp_path / "cut", config, CountingEncoder(carries_state)).extracted == [
        store.videos[0].title
    ]
    assert feature_files(tmp_path / "cut") == feature_files(tmp_path / "whole")


def test_another_encode_every_is_another_extraction(tiny_dataset: Path, tmp_path: Path) -> None:
    extract(tiny_dataset, tmp_path / "f", MOTION, CountingEncoder())
    every_second = replace(MOTION, encode_every=2)
    with pytest.raises(FingerprintError, match="encode_every is None there and 2 here"):
        extract(tiny_dataset, tmp_path / "f", replace(every_second, split="test"), CountingEncoder())
    assert len(extract(tiny_dataset, tmp_path / "f", every_second, CountingEncoder()).extracted) == 6
    with pytest.raises(ConfigError, match="--encode-every"):
        ExtractConfig(encode_every=0)
