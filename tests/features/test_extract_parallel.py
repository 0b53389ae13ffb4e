"""Extraction shared out: among processes and among jobs, with the same bytes as in one process."""

import subprocess
import sys
from pathlib import Path

import pytest

from conftest import write_mp4
from scenewise.cli import run
from scenewise.config import ExtractConfig, Parallel
from scenewise.errors import ConfigError, VideoError
from scenewise.features.extract import extract
from scenewise.features.process_video import Tools
from scenewise.features.share_out import processes_for
from scenewise.features.store import open_store

pytestmark = pytest.mark.slow

SETTINGS = ExtractConfig(encoder="motion-grid", block=16)


def all_files(folder: Path) -> dict[str, bytes]:
    return {
        path.relative_to(folder).as_posix(): path.read_bytes()
        for path in folder.rglob("*")
        if path.is_file() and not path.name.startswith(".")
    }


@pytest.fixture
def whole(tiny_dataset: Path, tmp_path: Path) -> dict[str, bytes]:
    """What one process makes of the tiny data set, in the folder `features`."""
    extract(tiny_dataset, tmp_path / "one" / "features", SETTINGS)
    return all_files(tmp_path / "one" / "features")


def test_processes_write_the_same_bytes(
    tiny_dataset: Path, tmp_path: Path, whole: dict[str, bytes], monkeypatch: pytest.MonkeyPatch
) -> None:
    def here(*arguments: object) -> None:
        raise AssertionError("the work is done by other processes")

    monkeypatch.setattr("scenewise.features.share_out.process_video", here)
    summary = extract(tiny_dataset, tmp_path / "two" / "features", SETTINGS, parallel=Parallel(workers=2))
    assert len(summary.extracted) == 6 and summary.frames == 340
    assert all_files(tmp_path / "two" / "features") == whole
    again = extract(tiny_dataset, tmp_path / "two" / "features", SETTINGS, parallel=Parallel(workers=2))
    assert again.kept == summary.extracted and again.frames == 0
    assert all_files(tmp_path / "two" / "features") == whole


def test_a_video_that_cannot_be_read_fails_alone(tiny_dataset: Path, tmp_path: Path) -> None:
    (tiny_dataset / "train" / "road" / "00.mp4").write_bytes(b"no video")
    settings = ExtractConfig(encoder="motion-grid", block=16, objects=False)
    one = extract(tiny_dataset, tmp_path / "one", settings)
    two = extract(tiny_dataset, tmp_path / "two", settings, parallel=Parallel(workers=2))
    assert two.failed == one.failed and [failed["video"] for failed in two.failed] == ["train/road/00"]
    assert two.extracted == one.extracted and len(two.extracted) == 5
    strict = ExtractConfig(encoder="motion-grid", block=16, objects=False, strict=True)
    with pytest.raises(VideoError, match=r"00\.mp4"):
        extract(tiny_dataset, tmp_path / "strict", strict, parallel=Parallel(workers=2))


def test_shards_share_a_folder_and_a_last_call_completes_it(
    tiny_dataset: Path, tmp_path: Path, whole: dict[str, bytes]
) -> None:
    """Three jobs at once, as an array of jobs on a shared disk."""
    out = tmp_path / "three" / "features"
    command = [sys.executable, "-m", "scenewise", "extract", str(tiny_dataset), "--out", str(out)]
    command += ["--encoder", "motion-grid", "--block", "16", "--workers", "1"]
    jobs = [subprocess.Popen([*command, "--shard", f"{number}/3"]) for number in (1, 2, 3)]
    assert [job.wait(timeout=300) for job in jobs] == [0, 0, 0]
    assert all_files(out) == {name: content for name, content in whole.items() if "/" in name}, "all but the manifest"
    subprocess.run(command, check=True)
    assert all_files(out) == whole
    assert len(open_store(out).videos) == 6


def test_shards_that_are_none(tiny_dataset: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    for shard in ("3/2", "0/2", "2", "x/y", "1/0"):
        with pytest.raises(ConfigError, match="--shard: expected its number and how many there are, such as 2/8"):
            Parallel(shard=shard)
    command = ["extract", str(tiny_dataset), "--out", str(tmp_path / "out"), "--encoder", "motion-grid"]
    assert run([*command, "--shard", "7/7"]) == 2
    assert "has 6 videos; give at most so many shards" in capsys.readouterr().err
    assert run([*command, "--workers", "0"]) == 2
    assert "--workers: expected auto, or a number from 1 to 1024, got 0" in capsys.readouterr().err


def test_processes_are_worth_their_start(tiny_dataset: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("scenewise.features.share_out.cores", lambda: 8)
    tools = Tools.open(SETTINGS, {"road"})
    assert tools.encoder.light
    assert processes_for(Parallel(), tools, 100, 900) == 1, "too few frames"
    assert processes_for(Parallel(), tools, 100, 3_500) == 4
    assert processes_for(Parallel(), tools, 100, 1_000_000) == 8
    assert processes_for(Parallel(), tools, 3, 1_000_000) == 3
    assert processes_for(Parallel(workers=2), tools, 100, 10) == 2
    tools.encoder.light = False
    assert processes_for(Parallel(), tools, 100, 1_000_000) == 1, "one process uses all cores"


def test_a_killed_job_leaves_no_lock(tmp_path: Path) -> None:
    """Its folder is taken up by the next one."""
    write_mp4(tmp_path / "data" / "train" / "road" / "00.mp4", 60)
    write_mp4(tmp_path / "data" / "train" / "road" / "01.mp4", 60, seed=1)
    command = [sys.executable, "-m", "scenewise", "extract", str(tmp_path / "data"), "--out", str(tmp_path / "out")]
    command += ["--encoder", "motion-grid", "--workers", "2"]
    job = subprocess.Popen(command, start_new_session=True)
    blocks = tmp_path / "out" / "backgrounds"
    while not list(blocks.glob("*.safetensors")) and job.poll() is None:
        pass
    job.kill()
    job.wait()
    assert run(command[3:]) == 0
    assert len(open_store(tmp_path / "out").videos) == 2
