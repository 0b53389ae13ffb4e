"""All commands that write, each on a tiny input, and where each writes to."""

import shutil
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from PIL import Image

from scenewise.cli import run
from scenewise.datasets.shanghaitech_sd_split import TEST, TRAIN

AUTOENCODER = (
    "--method autoencoder --steps 10 --segments-per-scene 2 --width 16 --latent 8 --feed-forward 16 "
    "--segment-length 8 --checkpoint-every 5 --keep-checkpoints 2 --device cpu"
)
SET = "--set steps=6 width=16 segments-per-scene=4 checkpoint-every=3 segment-length=8"
DEMO = (
    "--scenes 4 --videos 1 --frames 48 --size 128x72 --steps 2 --width 16 --segments-per-scene 2 --checkpoint-every 2 "
    "--seeds 1"
)


@dataclass(frozen=True)
class Command:
    """A command that writes; in its words and its outputs stand the folders {world} and {run}, the run's own copy."""

    name: str
    words: str
    outputs: tuple[str, ...]
    """What it writes: files or folders. A test interferes with the first."""

    @property
    def needs_run(self) -> bool:
        """Whether it writes into a run."""
        return "{run}" in self.words

    def arguments(self, world: Path, place: Path) -> list[str]:
        """Its command line, for a folder `place` of its own."""
        return [_filled(word, world, place) for word in self.words.split()]

    def written(self, world: Path, place: Path) -> list[Path]:
        """Its outputs."""
        return [Path(_filled(output, world, place)) for output in self.outputs]


def _filled(text: str, world: Path, place: Path) -> str:
    return text.format(world=world, run=place / "run", out=place / "out")


def make_world(folder: Path, data: Path) -> Path:
    """The inputs of all commands: data/, features/, run/, evaluated, two videos, and foreign data."""
    shutil.copytree(data, folder / "data")
    for name, scene in (("first", "road"), ("second", "walkway")):
        shutil.copy(data / "test" / scene / "00.mp4", folder / f"{name}.mp4")
    features, trained = str(folder / "features"), str(folder / "run")
    assert run(["extract", str(folder / "data"), "--out", features, "--encoder", "motion-grid", "--no-objects"]) == 0
    assert run(["train", features, "--out", trained, *AUTOENCODER.split()]) == 0
    assert run(["evaluate", trained]) == run(["evaluate", trained, "--protocol", "published"]) == 0
    for name in ("train/road/00", "test/road/01"):
        path = folder / "foreign" / f"{name}.npy"
        path.parent.mkdir(parents=True)
        np.save(path, np.random.default_rng(0).normal(size=(40, 8)).astype(np.float32))
    _official(folder / "official")
    return folder


def _official(root: Path) -> None:
    """The folders of ShanghaiTech that its split takes, two frames a video."""
    for split, names in (("train", TRAIN), ("test", TEST)):
        for scene, videos in names.items():
            home = "testing" if split == "test" or scene == "01" else "training"
            for video in videos.split():
                frames = root / home / "frames" / f"{scene}_{video}"
                frames.mkdir(parents=True)
                for frame in range(2):
                    Image.new("RGB", (8, 8)).save(frames / f"{frame:04d}.jpg")
                if home == "testing":
                    labels = root / "testing/test_frame_mask" / f"{scene}_{video}.npy"
                    labels.parent.mkdir(parents=True, exist_ok=True)
                    np.save(labels, np.zeros(2, np.uint8))


SCORE = "score {world}/run {world}/first.mp4 {world}/second.mp4 --scene road --out {out}"
COMMANDS = [
    Command("street", "street {out} --scenes 4 --videos 1 --frames 8 --size 128x72", ("{out}",)),
    Command("extract", "extract {world}/data --out {out} --encoder motion-grid", ("{out}",)),
    Command("features import", "features import {world}/foreign --out {out} --encoder-name theirs", ("{out}",)),
    Command("train", f"train {{world}}/features --out {{out}} {AUTOENCODER}", ("{out}",)),
    Command("train --resume", f"train {{world}}/features --out {{out}} --resume {AUTOENCODER}", ("{out}",)),
    Command("evaluate", "evaluate {run}", ("{run}/evaluation",)),
    Command("evaluate published", "evaluate {run} --protocol published", ("{run}/evaluation-published",)),
    Command("report", "report {run}", ("{run}/report.html",)),
    Command("report published", "report {run} --protocol published", ("{run}/report-published.html",)),
    Command("report --out", "report {run} --out {out}", ("{out}",)),
    Command("report --png", "report {run} --png {out}", ("{out}", "{run}/report.html")),
    Command("score --annotate", f"{SCORE} --annotate", ("{out}/first", "{out}/second")),
    Command("score, its second video", SCORE, ("{out}/second", "{out}/first")),
    Command(
        "datasets build",
        "datasets build shanghaitech-sd --from {world}/official --out {out} --link --accept-differences",
        ("{out}",),
    ),
    Command(
        "benchmark",
        f"benchmark {{world}}/features --out {{out}} --methods reconstruction --seeds 1 --device cpu {SET}",
        ("{out}",),
    ),
    Command("demo", f"demo --out {{out}} {DEMO}", ("{out}",)),
]
