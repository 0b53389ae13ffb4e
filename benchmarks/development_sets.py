"""The development sets as data sets on disk, each in the generic layout, made from footage that is not the project's.

two-walkways-0 ... -4   five rotations of roles: which two of the five clips with cyclists on the cycleway are tests
avenue                  one camera with two short training clips
road-weeks              a road over three months; its faults are made from ordinary clips
street-SEED             rendered streets
"""

import json
from collections.abc import Callable, Iterator
from fractions import Fraction
from pathlib import Path
from typing import Any

import av
import cv2
import numpy as np
from numpy.typing import NDArray

from scenewise.config import StreetConfig
from scenewise.street import render_street

Frames = NDArray[np.uint8]
"""(N, H, W, 3) RGB."""

CYCLISTS = {"101": (60, 179), "02": (94, 179), "103": (0, 145), "105": (0, 128), "06": (0, 158)}
"""{clip of two-walkways: first and last frame with a cyclist}, as UCSD's ground truth of Ped2 states them."""
ROTATIONS = len(CYCLISTS)
STREET_SEEDS = (101, 102, 103, 104, 105)
"""Streets that constants are chosen on. The demo's, the tests' and the unused seeds are others."""
UNUSED_SEEDS = (201, 202, 203)
"""Streets that are scored once, after everything is chosen."""
ROAD_STEP = 2
"""Every second frame of the road is used: 12.5 a second."""
ROAD_ORDINARY, ROAD_REVERSED, ROAD_STOPPED = 16, 5, 5
"""September's clips as they are, played backwards, and with a vehicle that stops."""


def two_walkways(footage: Path, rotation: int, out: Path) -> Path:
    """The set with clips `rotation` and `rotation` + 2 of the cyclists' five as tests of the cycleway."""
    names = list(CYCLISTS)
    tests = {names[rotation], names[(rotation + 2) % len(names)]}
    source = footage / "two-walkways"
    for split in ("train", "test"):
        _link_all(source / split / "walkway", out / split / "walkway")
    _link_all(source / "labels" / "walkway", out / "labels" / "walkway")
    for split in ("train", "test"):
        for clip in sorted((source / split / "cycleway").iterdir()):
            # Clips 02 and 06 of `train` are other footage: UCSD numbers training and test clips alike.
            cyclist = clip.stem in CYCLISTS and (split == "test" or int(clip.stem) > 100)
            role = ("test" if clip.stem in tests else "train") if cyclist else split
            name = f"cyclist_{clip.stem}" if cyclist else clip.stem
            _link(clip, out / role / "cycleway" / f"{name}.mp4")
            if role == "test":
                _label(source, out, clip, name, cyclist=cyclist)
    return out


def _label(source: Path, out: Path, clip: Path, name: str, *, cyclist: bool) -> None:
    """The labels of a test clip of the cycleway, where a cyclist is normal."""
    labels = source / "labels" / "cycleway"
    if not cyclist:
        for suffix in (".npy", ".events.json"):
            _link(labels / f"{clip.stem}{suffix}", out / "labels" / "cycleway" / f"{name}{suffix}")
        return
    first, last = CYCLISTS[clip.stem]
    write_labels(out, "cycleway", name, _count(clip), [("bicycle", first, last, False)])


def road_weeks(footage: Path, out: Path) -> Path:
    """Train on July and August; test on September: as it is, played backwards, and with a vehicle that stops."""
    clips = sorted((footage / "road-weeks").glob("*.mp4"))
    september = [clip for clip in clips if clip.stem.split("_")[1] >= "201709"]
    for clip in clips:
        if clip not in september:
            _write(out / "train" / "road" / f"{clip.stem}.mp4", _read(clip))
    spread = np.linspace(0, len(september) - 1, ROAD_ORDINARY + ROAD_REVERSED + ROAD_STOPPED).astype(int)
    # Dealt out in turn, so that each kind of test covers the whole month.
    changes: list[tuple[str, Callable[[Frames], tuple[Frames, int]] | None]] = [("ordinary", None)] * 3
    changes += [("wrong_way", backwards), ("stopped", stopping)]
    for place, number in enumerate(spread):
        name, change = changes[place % len(changes)]
        frames = _read(september[number])
        events = []
        if change is not None:
            frames, first = change(frames)
            events = [(name, first, len(frames) - 1, True)]
        stem = f"{september[number].stem}_{name}"
        _write(out / "test" / "road" / f"{stem}.mp4", frames)
        write_labels(out, "road", stem, len(frames), events)
    return out


def backwards(frames: Frames) -> tuple[Frames, int]:
    """The clip played backwards, so that all traffic goes the wrong way, and its first abnormal frame."""
    return frames[::-1], 0


def stopping(frames: Frames) -> tuple[Frames, int]:
    """The clip with a vehicle that stops: its pixels are frozen from its largest moment on.

    Returns the frames and the first abnormal one.
    """
    background = np.median(frames[:: max(1, len(frames) // 40)], axis=0).astype(np.int16)
    middle = range(len(frames) // 5, len(frames) // 2)
    found: list[tuple[int, int, tuple[int, int, int, int]]] = []
    for number in middle:
        different = (np.abs(frames[number] - background).max(axis=2) > 30).astype(np.uint8)
        different = cv2.morphologyEx(different, cv2.MORPH_CLOSE, np.ones((7, 7), np.uint8))
        count, _, sizes, _ = cv2.connectedComponentsWithStats(different)
        for left, top, width, height, area in sizes[1:count].tolist():
            inside = left > 3 and top > 3 and left + width < frames.shape[2] - 3 and top + height < frames.shape[1] - 3
            if inside:
                found.append((area, number, (left, top, width, height)))
    _, first, (left, top, width, height) = max(found)
    stopped = frames.copy()
    stopped[first:, top : top + height, left : left + width] = frames[first, top : top + height, left : left + width]
    return stopped, first


def street(seed: int, out: Path) -> Path:
    """A rendered street as the demo's."""
    render_street(out, StreetConfig(seed=seed))
    return out


def write_labels(out: Path, scene: str, name: str, frames: int, events: list[tuple[str, int, int, bool]]) -> None:
    """Frame labels and events of one test video: class, first frame, last frame, whether it is abnormal."""
    folder = out / "labels" / scene
    folder.mkdir(parents=True, exist_ok=True)
    labels = np.zeros(frames, np.uint8)
    listed: list[dict[str, Any]] = []
    for kind, first, last, abnormal in events:
        last = min(last, frames - 1)
        labels[first : last + 1] |= abnormal
        listed.append({"class": kind, "first_frame": first, "last_frame": last, "abnormal": abnormal})
    np.save(folder / f"{name}.npy", labels)
    (folder / f"{name}.events.json").write_text(json.dumps(listed))


def _read(clip: Path) -> Frames:
    return np.stack([frame.to_ndarray(format="rgb24") for frame in _decoded(clip)][::ROAD_STEP])


def _count(clip: Path) -> int:
    return sum(1 for _ in _decoded(clip))


def _decoded(clip: Path) -> Iterator[av.VideoFrame]:
    with av.open(str(clip)) as container:
        yield from container.decode(video=0)


def _write(path: Path, frames: Frames) -> None:
    """Write `frames` at 12.5 a second, as H.264 of high quality."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with av.open(str(path), "w") as container:
        stream = container.add_stream(
            "libx264", rate=Fraction(25, ROAD_STEP), options={"crf": "16", "preset": "veryfast"}
        )
        stream.width, stream.height, stream.pix_fmt = frames.shape[2], frames.shape[1], "yuv420p"
        for frame in frames:
            container.mux(stream.encode(av.VideoFrame.from_ndarray(np.ascontiguousarray(frame), format="rgb24")))
        container.mux(stream.encode())


def _link_all(source: Path, target: Path) -> None:
    for path in sorted(source.iterdir()):
        _link(path, target / path.name)


def _link(source: Path, target: Path) -> None:
    target.parent.mkdir(parents=True, exist_ok=True)
    if not target.exists():
        target.symlink_to(source.resolve())
