"""Names that are not UTF-8, as old archives hold them, from the footage to the figures."""

import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from PIL import Image
from tiny_films import FRAMES, pictures, write_film

from scenewise.cli import run as cli
from scenewise.datasets import Video, load_dataset
from scenewise.datasets.listing import strays
from scenewise.inference.score_videos import score_videos
from scenewise.names import as_text
from scenewise.video.source import name_of

TRAIN = [
    *("--method", "autoencoder", "--objective", "reconstruction", "--device", "cpu"),
    *("--steps", "4", "--checkpoint-every", "2", "--segments-per-scene", "4"),
    *("--width", "16", "--latent", "8", "--feed-forward", "16"),
]


def test_text_for_bytes_that_are_none() -> None:
    assert as_text(os.fsdecode(b"caf\xe9 \xff")) == "caf%E9 %FF"
    assert as_text("café 100% \x80") == "café 100% \x80"
    video = Video("caf\udce9", "m\udcfcll", "test", Path("m\udcfcll.mp4"))
    assert video.score_name == "caf%E9_m%FCll" and video.path.name == "m\udcfcll.mp4"
    assert name_of("a/m\udcfcll.mp4") == "m%FCll"


def test_labels_of_such_a_video_are_no_strays(tmp_path: Path) -> None:
    np.save(tmp_path / "m\udcfcll.npy", np.zeros(3))
    assert strays(tmp_path, [".npy"], ["m%FCll"]) == strays(tmp_path, [".npy"], ["m\udcfcll"]) == []
    assert len(strays(tmp_path, [".npy"], ["muell"])) == 1


@pytest.mark.slow
def test_from_footage_to_figures(tmp_path: Path) -> None:
    """Scenes, videos, pictures and labels; every command, and a batch goes on."""
    root, scene, name = tmp_path / "d\udce9p\udcf4t", "caf\udce9", "m\udcfcll"
    for number in range(2):
        write_film(root / "data/train" / scene / f"{name}{number}.mp4", pictures(0, number))
    for split in ("train", "test"):
        folder = root / "data" / split / scene / "b\udcebld"
        folder.mkdir(parents=True)
        for number, picture in enumerate(pictures(0, 3)):
            Image.fromarray(picture).save(folder / f"\udcfc{number:03d}.png")
    labels = root / "data/labels" / scene
    labels.mkdir(parents=True)
    np.save(labels / "b\udcebld.npy", np.arange(FRAMES) % 7 == 0)
    assert [video.title for video in load_dataset(root / "data").of("test")] == ["test/caf%E9/b%EBld"]
    data, features, run = (str(root / part) for part in ("data", "features", "run"))
    # As from a shell with the locale C: nothing that is printed may end a command.
    command = [sys.executable, "-m", "scenewise"]
    for arguments in (["datasets", "check", data], ["extract", data, "--out", features, "--encoder", "motion-grid"]):
        ended = subprocess.run([*command, *arguments], env={**os.environ, "LC_ALL": "C"}, capture_output=True)
        assert ended.returncode in (0, 2) and b"Traceback" not in ended.stderr
    assert cli(["train", features, "--out", run, *TRAIN]) == 0
    assert cli(["evaluate", run]) == 0
    assert (root / "run/evaluation/scores/caf%E9_b%EBld.npy").is_file()
    other = write_film(tmp_path / "other.mp4", pictures(0, 1))
    (tmp_path / "brok\udce9n.mp4").write_bytes(b"no video")
    new = [root / "data/test" / scene / "b\udcebld", tmp_path / "brok\udce9n.mp4", other]
    summary = score_videos(Path(run), new, root / "scored")
    assert [Path(video["folder"]).name for video in summary.videos] == ["b%EBld", "other"]
    assert summary.videos[0]["video"] == str(new[0]), "the path itself comes back from JSON"
    assert len(summary.failed) == 1
