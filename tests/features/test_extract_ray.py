"""Extraction on a Ray cluster: the same bytes as in one process, whatever becomes of the cluster's processes."""

import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from test_extract_parallel import all_files

from conftest import write_mp4
from scenewise.config import ExtractConfig, Parallel
from scenewise.errors import ConfigError, EncoderError
from scenewise.features.extract import extract

ray = pytest.importorskip("ray", reason="Ray is not installed: pip install 'scenewise[ray]'")
pytestmark = pytest.mark.slow

SETTINGS = ExtractConfig(encoder="motion-grid", block=16)
MOTION_AND = """
import os, signal, time
from pathlib import Path
from scenewise.encoders.motion_grid import MotionGrid

class Motion(MotionGrid):
    '''Its process is killed at the first frames that it gets, so many times as MORTAL says.'''

    def encode(self, frames):
        tried = Path(os.environ["MORTAL"])
        if tried.is_dir() and len(list(tried.iterdir())) < int(os.environ["MORTAL_TIMES"]):
            (tried / str(time.time_ns())).touch()
            os.kill(os.getpid(), signal.SIGKILL)
        return super().encode(frames)

class Wrong(MotionGrid):
    def encode(self, frames):
        return "nothing"
"""


@pytest.fixture
def own_encoders(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The module `motion_and` for this process and for those of the cluster; the folder that counts kills."""
    (tmp_path / "code").mkdir()
    (tmp_path / "code" / "motion_and.py").write_text(MOTION_AND)
    (tmp_path / "killed").mkdir()
    monkeypatch.syspath_prepend(str(tmp_path / "code"))
    monkeypatch.setenv("PYTHONPATH", os.pathsep.join([str(tmp_path / "code"), os.environ.get("PYTHONPATH", "")]))
    monkeypatch.setenv("MORTAL", str(tmp_path / "killed"))
    return tmp_path / "killed"


@pytest.fixture(scope="module")
def cluster() -> Iterator[str]:
    """The address of a cluster of two nodes, each a set of processes of its own, with one core each."""
    from ray.cluster_utils import Cluster

    made = Cluster(initialize_head=True, head_node_args={"num_cpus": 1, "include_dashboard": False})
    made.add_node(num_cpus=1)
    made.wait_for_nodes()
    yield made.address
    made.shutdown()


def test_two_nodes_write_the_same_bytes(tiny_dataset: Path, tmp_path: Path, cluster: str) -> None:
    (tiny_dataset / "test" / "road" / "00.mp4").write_bytes(b"no video")
    one = extract(tiny_dataset, tmp_path / "one" / "features", SETTINGS)
    two = extract(tiny_dataset, tmp_path / "two" / "features", SETTINGS, parallel=Parallel(ray=cluster))
    assert two.extracted == one.extracted and len(two.extracted) == 5
    assert two.failed == one.failed and len(two.failed) == 1, "a bad video gives an error row, not a failed job"
    assert all_files(tmp_path / "two" / "features") == all_files(tmp_path / "one" / "features")
    again = extract(tiny_dataset, tmp_path / "two" / "features", SETTINGS, parallel=Parallel(ray=cluster))
    assert again.kept == one.extracted and again.frames == 0


def test_processes_that_are_killed_lose_nothing(
    tmp_path: Path, own_encoders: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Three times the process dies at its work; the video that it had is done by another."""
    monkeypatch.setenv("MORTAL_TIMES", "3")
    for number in range(4):
        write_mp4(tmp_path / "data" / "train" / "road" / f"0{number}.mp4", 40, seed=number)
    settings = ExtractConfig(encoder="motion_and:Motion", block=16, objects=False)
    summary = extract(tmp_path / "data", tmp_path / "ray", settings, parallel=Parallel(ray="local", workers=2))
    assert len(list(own_encoders.iterdir())) == 3
    assert not summary.failed and len(summary.extracted) == 4
    extract(tmp_path / "data", tmp_path / "one" / "ray", settings)  # of the same name: the manifest knows it
    written, expected = all_files(tmp_path / "ray"), all_files(tmp_path / "one" / "ray")
    assert written == expected


def test_a_video_that_kills_every_process_is_given_up(
    tmp_path: Path, own_encoders: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("MORTAL_TIMES", "1000")
    monkeypatch.setattr("scenewise.features.on_ray.TRIES", 2)
    write_mp4(tmp_path / "data" / "train" / "road" / "00.mp4", 40)
    settings = ExtractConfig(encoder="motion_and:Motion", block=16, objects=False)
    with pytest.raises(Exception, match="times the process that read it was lost"):
        extract(tmp_path / "data", tmp_path / "out", settings, parallel=Parallel(ray="local", workers=1))


def test_what_is_no_fault_of_a_video_is_raised(tiny_dataset: Path, tmp_path: Path, own_encoders: Path) -> None:
    settings = ExtractConfig(encoder="motion_and:Wrong", block=16, objects=False)
    with pytest.raises(EncoderError, match="expected encode to return"):
        extract(tiny_dataset, tmp_path / "out", settings, parallel=Parallel(ray="local", workers=1))


def test_no_cluster_there(tiny_dataset: Path, tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match=r"--ray 127\.0\.0\.1:9: expected local, or the address of a running cluster"):
        extract(tiny_dataset, tmp_path / "out", SETTINGS, parallel=Parallel(ray="127.0.0.1:9"))


def test_without_ray_the_command_says_what_to_install(tiny_dataset: Path, tmp_path: Path) -> None:
    code = "import sys; sys.modules['ray'] = None; from scenewise.cli import main; main()"
    command = [sys.executable, "-c", code, "extract", str(tiny_dataset), "--out", str(tmp_path / "out")]
    command += ["--encoder", "motion-grid", "--ray", "local"]
    done = subprocess.run(command, capture_output=True, text=True)
    assert done.returncode == 2 and "pip install 'scenewise[ray]'" in done.stderr
