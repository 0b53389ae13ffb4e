"""`scenewise datasets check`: what a data set holds, counted, and everything in it that does not fit."""

from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NamedTuple

from scenewise.datasets import Dataset, LabelSource, Video, load_dataset
from scenewise.datasets.completeness import lacking
from scenewise.datasets.dataset_json import DATASET_JSON
from scenewise.datasets.layouts import LAYOUTS
from scenewise.datasets.manifest import LabelKind
from scenewise.errors import DataError, VideoError
from scenewise.labels.labels import listed_keys, read_events, read_labels, read_masks
from scenewise.progress import progress
from scenewise.video.count import count_frames, decode_all
from scenewise.video.frame_folder import frame_files
from scenewise.video.probe import source_signature


class Mismatch(NamedTuple):
    """Something that does not fit."""

    path: Path
    reason: str


class Tally(NamedTuple):
    """What one scene has in one split."""

    split: str
    scene: str
    videos: int
    frames: int
    abnormal: int | None
    """Abnormal frames; None where not one of its videos has labels that fit it."""


@dataclass(frozen=True)
class Checked:
    """A data set, counted."""

    dataset: Dataset
    tallies: tuple[Tally, ...]
    """By split and scene."""
    mismatches: tuple[Mismatch, ...]

    def as_json(self) -> dict[str, Any]:
        """The same for machines."""
        return {
            "layout": self.dataset.layout,
            "root": str(self.dataset.root),
            "splits": {tally.split: tally._asdict() for tally in self.totals()},
            "scenes": [tally._asdict() for tally in self.tallies],
            "mismatches": [{"path": str(path), "reason": reason} for path, reason in self.mismatches],
            "left_out": [{"path": str(path), "reason": reason} for path, reason in self.dataset.left_out],
            "ignored": [str(path) for path in self.dataset.ignored],
        }

    def totals(self) -> Iterator[Tally]:
        """Of each split that has videos; `scene` says how many scenes."""
        for split in ("train", "test"):
            own = [tally for tally in self.tallies if tally.split == split]
            if own:
                abnormal = [tally.abnormal for tally in own if tally.abnormal is not None]
                yield Tally(
                    split,
                    f"{len(own)} scene{'' if len(own) == 1 else 's'}",
                    sum(tally.videos for tally in own),
                    sum(tally.frames for tally in own),
                    sum(abnormal) if abnormal else None,
                )


def check_dataset(root: Path, *, decode: bool = False) -> Checked:
    """Count and check the data set in `root`: its videos, labels, masks and events, and copies among its videos.

    With `decode` every frame is decoded and every mask read. Otherwise the packets of a file are counted, and it is
    only decoded where its labels are not as many. Raises DataError where `root` is no data set at all.
    """
    dataset = load_dataset(root)
    mismatches = [Mismatch(*mismatch) for mismatch in (*dataset.mismatches, *lacking(dataset))]
    counts: dict[Video, Count] = {}
    with progress() as bar:
        for video in bar.track(dataset.videos, description="check videos"):
            try:
                counts[video] = _check_video(video, decode)
            except VideoError as error:
                mismatches.append(_told(error, video.path))
            else:
                mismatches += counts[video].mismatches
    if dataset.layout != DATASET_JSON:  # which may well take a part of what a file of labels is for
        mismatches += _surplus(dataset.of("test"))
    mismatches += _copies(list(counts))
    return Checked(dataset, tuple(_tallies(dataset, counts)), tuple(dict.fromkeys(mismatches)))


class Count(NamedTuple):
    """One video that can be read."""

    frames: int
    abnormal: int | None
    mismatches: list[Mismatch]


def _check_video(video: Video, decode: bool) -> Count:
    """Raises VideoError where it can not be read."""
    frames, faults = decode_all(video.path) if decode else count_frames(video.path)
    abnormal = None
    wrong: list[Mismatch] = []
    if video.labels is None and video.split == "test":
        wrong.append(Mismatch(video.path, "a test video without frame labels"))
    if video.labels is not None:
        try:
            frames, abnormal = _fit(video.labels, video.path, frames)
        except DataError as error:
            wrong.append(_told(error, video.labels.path))
        if video.labels.kind == "ubnormal" and abnormal == 0:  # its normal videos have none of these
            wrong.append(
                Mismatch(video.labels.path, "no frame of an abnormal video is abnormal: are its tracks cut off?")
            )
    try:
        if video.events is not None:
            read_events(video.events, frames)
        if video.masks is not None:
            for _ in read_masks(video.masks, frames):
                if not decode:
                    break
    except DataError as error:
        wrong.append(_told(error, video.path))
    return Count(frames, abnormal, [*(Mismatch(*fault) for fault in faults), *wrong])


def _fit(labels: LabelSource, video: Path, frames: int) -> tuple[int, int]:
    """Frames and abnormal frames; the frames are counted again, exactly, before a difference is told."""
    try:
        return frames, int(read_labels(labels, frames).sum())
    except DataError:
        exact = frames if video.is_dir() else decode_all(video).frames
        return exact, int(read_labels(labels, exact).sum())


def _surplus(videos: Sequence[Video]) -> Iterator[Mismatch]:
    """Entries of files for all videos that are no video's."""
    keys: dict[tuple[Path, LabelKind], set[str]] = defaultdict(set)
    for labels in (video.labels for video in videos if video.labels is not None):
        keys[labels.path, labels.kind].add(labels.key or "")
    for (path, kind), used in keys.items():
        try:
            unused = [key for key in listed_keys(path, kind) if key not in used]
        except DataError:
            continue  # told of each video that has its labels there
        if unused:
            more = f" and {len(unused) - 5} more" if len(unused) > 5 else ""
            yield Mismatch(path, f"labels of no test video: {', '.join(unused[:5])}{more}")


def _copies(videos: Sequence[Video]) -> Iterator[Mismatch]:
    """Videos of the same content; only those of the same sizes are read."""
    alike: dict[tuple[int, ...], list[Video]] = defaultdict(list)
    for video in videos:
        files = frame_files(video.path) if video.path.is_dir() else [video.path]
        alike[tuple(file.stat().st_size for file in files)].append(video)
    for group in alike.values():
        seen: dict[str, Video] = {}
        for video in group if len(group) > 1 else ():
            other = seen.setdefault(source_signature(video.path), video)
            if other is not video:
                overlap = "; training and test overlap" if other.split != video.split else ""
                yield Mismatch(video.path, f"the same video as {other.path}{overlap}")


def _tallies(dataset: Dataset, counts: dict[Video, Count]) -> Iterator[Tally]:
    groups: dict[tuple[str, str], list[Video]] = defaultdict(list)
    for video in dataset.videos:
        groups[video.split, video.scene].append(video)
    for (split, scene), videos in groups.items():
        read = [counts[video] for video in videos if video in counts]
        labelled = [count.abnormal for count in read if count.abnormal is not None]
        frames = sum(count.frames for count in read)
        yield Tally(split, scene, len(videos), frames, sum(labelled) if labelled else None)


def _told(error: DataError, path: Path) -> Mismatch:
    """The error's own path, where it begins with one below `path`, and its reason."""
    own = f"{path}: "
    if str(error).startswith(own):  # a name may hold what parts path and reason
        return Mismatch(path, str(error).removeprefix(own))
    named, separator, reason = str(error).partition(": ")
    return Mismatch(Path(named), reason) if separator and "/" in named else Mismatch(path, str(error))


def in_lines(checked: Checked) -> Iterator[str]:
    """What was recognised, a table of counts, and all that does not fit."""
    dataset = checked.dataset
    yield f"{dataset.root}: {LAYOUTS[dataset.layout].TITLE} (layout {dataset.layout})"
    totals = list(checked.totals())
    rows = [*(checked.tallies if len(checked.tallies) > len(totals) else ()), *totals]
    width = max(len(tally.scene) for tally in rows)
    yield f"{'split':<7}{'scene':<{width}}{'videos':>9}{'frames':>11}{'abnormal frames':>18}"
    for split, scene, videos, frames, abnormal in rows:
        told = "-" if abnormal is None else f"{abnormal:,}"
        yield f"{split:<7}{scene:<{width}}{videos:>9,}{frames:>11,}{told:>18}"
    yield from (f"left out: {path}: {reason}" for path, reason in dataset.left_out)
    yield from (f"no video, passed over: {path}" for path in dataset.ignored)
    yield from (f"wrong: {path}: {reason}" for path, reason in checked.mismatches)
    if not checked.mismatches:
        yield "all fits"
