"""`scenewise datasets check`: counts what a data set holds, and lists everything in it that is wrong."""

from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from string import digits
from typing import Any, NamedTuple

from scenewise.config.limits import MAX_PIXELS
from scenewise.counted import counted
from scenewise.datasets import Dataset, LabelSource, Video, load_dataset
from scenewise.datasets.dataset_json import DATASET_JSON
from scenewise.datasets.layouts import LAYOUTS, drawn_folders
from scenewise.datasets.listing import SYSTEM_FOLDERS, entries, is_video
from scenewise.datasets.manifest import LabelKind
from scenewise.datasets.unchanged import refuse_changed
from scenewise.errors import DataError, VideoError
from scenewise.folders import is_file, is_folder
from scenewise.labels.labels import labels_read_masks, listed_keys, read_events, read_labels, read_masks
from scenewise.progress import progress
from scenewise.video.count import count_frames, decode_all
from scenewise.video.frame_folder import frame_files, ordered_files
from scenewise.video.picture_pace import note_unused_pace
from scenewise.video.probe import source_signature

OWN_FOOTAGE = frozenset({"generic", "dataset.json"})
"""Layouts of people's own footage, which may consist of training videos alone."""


class Mismatch(NamedTuple):
    """Something that is wrong, such as labels of a different length than their video."""

    path: Path
    reason: str


class Tally(NamedTuple):
    """The counts of one scene in one split."""

    split: str
    scene: str
    videos: int
    frames: int
    abnormal: int | None
    """Abnormal frames; None if none of its videos has labels that fit."""


@dataclass(frozen=True)
class Checked:
    """What the check found in a data set."""

    dataset: Dataset
    tallies: tuple[Tally, ...]
    """The counts, by split and scene."""
    mismatches: tuple[Mismatch, ...]

    def as_json(self) -> dict[str, Any]:
        """Plain JSON."""
        return {
            "layout": self.dataset.layout,
            "root": str(self.dataset.root),
            "splits": {tally.split: tally._asdict() for tally in self.totals()},
            "scenes": [tally._asdict() for tally in self.tallies],
            "mismatches": [{"path": str(path), "reason": reason} for path, reason in self.mismatches],
            "excluded": [{"path": str(path), "reason": reason} for path, reason in self.dataset.excluded],
            "ignored": [str(path) for path in self.dataset.ignored],
            "passed_over": [{"path": str(path), "reason": reason} for path, reason in self.dataset.passed_over],
        }

    def totals(self) -> Iterator[Tally]:
        """The counts of each split that has videos; `scene` holds the number of scenes."""
        for split in ("train", "test"):
            scenes = [tally for tally in self.tallies if tally.split == split]
            if scenes:
                abnormal = [tally.abnormal for tally in scenes if tally.abnormal is not None]
                yield Tally(
                    split,
                    counted(len(scenes), "scene"),
                    sum(tally.videos for tally in scenes),
                    sum(tally.frames for tally in scenes),
                    sum(abnormal) if abnormal else None,
                )


def check_dataset(root: Path, *, decode: bool = False, max_pixels: int = MAX_PIXELS) -> Checked:
    """Count and check the data set in `root`: its videos, labels, masks and events, and copies among its videos.

    With `decode` every frame is decoded and every mask read. Otherwise the packets of a file are counted, and it is
    only decoded if its labels are not as many. Raises DataError if `root` is no data set at all.
    """
    dataset = load_dataset(root)
    mismatches = [Mismatch(*mismatch) for mismatch in (*dataset.mismatches, *missing_parts(dataset))]
    counts: dict[Video, Count] = {}
    with progress() as bar:
        for video in bar.track(dataset.videos, description="check videos"):
            try:
                counts[video] = _check_video(video, decode, max_pixels)
            except VideoError as error:
                mismatches.append(_mismatch_of(error, video.path))
            except OSError as error:
                mismatches.append(Mismatch(video.path, f"it cannot be read ({error.strerror or error})"))
            else:
                mismatches += counts[video].mismatches
    mismatches += _unreadable_scenes(dataset, counts)
    if dataset.layout != DATASET_JSON:  # which may use only some entries of a label file
        mismatches += _unused_labels(dataset.of("test"))
    mismatches += _copies(list(counts))
    return Checked(dataset, tuple(_tallies(dataset, counts)), tuple(dict.fromkeys(mismatches)))


class Count(NamedTuple):
    """The counts of one readable video, and what is wrong with it."""

    frames: int
    abnormal: int | None
    mismatches: list[Mismatch]


def _check_video(video: Video, decode: bool, max_pixels: int) -> Count:
    """Raises VideoError if it cannot be read."""
    frames, faults = (decode_all if decode else count_frames)(video.path, max_pixels)
    if video.path.is_dir() and video.fps is None:
        note_unused_pace(ordered_files(video.path))
    abnormal = None
    wrong: list[Mismatch] = []
    try:
        refuse_changed(video.path)
    except DataError as error:
        wrong.append(_mismatch_of(error, video.path))
    if video.labels is None and video.split == "test":
        sought = f"; looked for {', '.join(map(str, video.labels_sought))}" if video.labels_sought else ""
        wrong.append(Mismatch(video.path, f"a test video without frame labels{sought}"))
    if video.labels is not None:
        try:
            frames, abnormal = _counts_with_labels(video.labels, video.path, frames)
        except DataError as error:
            wrong.append(_mismatch_of(error, video.labels.path))
        if video.labels.kind == "ubnormal" and abnormal == 0:  # its normal videos have none of these
            wrong.append(
                Mismatch(video.labels.path, "no frame of an abnormal video is abnormal: are its tracks cut off?")
            )
    try:
        if video.events is not None:
            read_events(video.events, frames)
        read_already = video.masks == video.labels and video.masks is not None and labels_read_masks(video.masks.kind)
        if video.masks is not None and not read_already:
            for _ in read_masks(video.masks, frames):
                if not decode:
                    break
    except DataError as error:
        wrong.append(_mismatch_of(error, video.path))
    return Count(frames, abnormal, [*(Mismatch(*fault) for fault in faults), *wrong])


def missing_parts(dataset: Dataset) -> Iterator[tuple[Path, str]]:
    """What is missing by the names alone: a split, a scene's training videos, a video's content.

    Yields paths, each with what is missing there in a few words.
    """
    if dataset.layout not in OWN_FOOTAGE:
        for split, name in (("train", "training"), ("test", "test")):
            if not any(video.split == split for video in dataset.videos):
                yield dataset.root, f"no {name} videos: is a part of the download missing?"
    trained = {video.scene for video in dataset.of("train")}
    untrained = {video.scene: video.path for video in reversed(dataset.of("test")) if video.scene not in trained}
    for scene, path in sorted(untrained.items()) if trained else ():
        yield path, f"a test video of scene {scene}, of which there are no training videos"
    for path, reason in dataset.passed_over:
        if path.name.lower() not in SYSTEM_FOLDERS and _holds_a_part(path, dataset):
            yield path, f"{reason}; allow this user to read it, or move it away"
    for path in dataset.ignored:
        if path.is_symlink() and not is_file(path) and not is_folder(path):
            yield path, "a broken link; was its target moved?"
        elif is_folder(path) and not entries(path):
            yield path, "an empty folder among the videos; copy or extract it again"
        elif any(map(is_video, entries(path))):
            yield path, "a folder that holds its videos or pictures one level too deep"


def _unreadable_scenes(dataset: Dataset, counts: dict[Video, Count]) -> Iterator[Mismatch]:
    """Scenes that cannot be learned, since none of their training videos can be read."""
    learnt = {video.scene for video in counts if video.split == "train"}
    of_scene: dict[str, list[Video]] = defaultdict(list)
    for video in dataset.of("train"):
        of_scene[video.scene].append(video)
    for scene, videos in of_scene.items():
        if scene not in learnt:
            reason = f"scene {scene} cannot be learned: of its {len(videos)} training videos none can be read"
            yield Mismatch(videos[0].path, reason)


def _holds_a_part(folder: Path, dataset: Dataset) -> bool:
    """Whether `folder` lies among videos or labels, rather than beside them."""
    drawn = {name.rstrip(digits) for name in drawn_folders(LAYOUTS[dataset.layout])}
    return folder.parent != dataset.root or folder.name.rstrip(digits) in drawn


def _counts_with_labels(labels: LabelSource, video: Path, frames: int) -> tuple[int, int]:
    """Frames and abnormal frames; before a difference is reported, the frames are counted again by decoding."""
    try:
        return frames, int(read_labels(labels, frames).sum())
    except DataError:
        exact = frames if video.is_dir() else decode_all(video).frames
        return exact, int(read_labels(labels, exact).sum())


def _unused_labels(videos: Sequence[Video]) -> Iterator[Mismatch]:
    """Entries of label files that belong to no test video."""
    keys: dict[tuple[Path, LabelKind], set[str]] = defaultdict(set)
    for labels in (video.labels for video in videos if video.labels is not None):
        keys[labels.path, labels.kind].add(labels.key or "")
    for (path, kind), used in keys.items():
        try:
            unused = [key for key in listed_keys(path, kind) if key not in used]
        except DataError:
            continue  # reported for each video with labels in that file
        if unused:
            more = f" and {len(unused) - 5} more" if len(unused) > 5 else ""
            yield Mismatch(path, f"labels of no test video: {', '.join(unused[:5])}{more}")


def _copies(videos: Sequence[Video]) -> Iterator[Mismatch]:
    """Videos of the same content; only those whose files have the same sizes are read."""
    by_size: dict[tuple[int, ...], list[Video]] = defaultdict(list)
    for video in videos:
        files = frame_files(video.path) if video.path.is_dir() else [video.path]
        by_size[tuple(file.stat().st_size for file in files)].append(video)
    for group in by_size.values():
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


def _mismatch_of(error: DataError, path: Path) -> Mismatch:
    """The path that the error names, else `path`, and the reason."""
    prefix = f"{path}: "
    if str(error).startswith(prefix):  # the path itself may hold ": "
        return Mismatch(path, str(error).removeprefix(prefix))
    named, separator, reason = str(error).partition(": ")
    return Mismatch(Path(named), reason) if separator and "/" in named else Mismatch(path, str(error))


def in_lines(checked: Checked) -> Iterator[str]:
    """The layout, a table of counts, and everything that is wrong."""
    dataset = checked.dataset
    yield f"{dataset.root}: {LAYOUTS[dataset.layout].TITLE} (layout {dataset.layout})"
    totals = list(checked.totals())
    rows = [*(checked.tallies if len(checked.tallies) > len(totals) else ()), *totals]
    width = max(len(tally.scene) for tally in rows)
    yield f"{'split':<7}{'scene':<{width}}{'videos':>9}{'frames':>11}{'abnormal frames':>18}"
    for split, scene, videos, frames, abnormal in rows:
        count = "-" if abnormal is None else f"{abnormal:,}"
        yield f"{split:<7}{scene:<{width}}{videos:>9,}{frames:>11,}{count:>18}"
    yield from (f"excluded: {path}: {reason}" for path, reason in dataset.excluded)
    yield from (f"no video, ignored: {path}" for path in dataset.ignored)
    wrong = {path for path, _ in checked.mismatches}
    yield from (f"passed over: {path}: {reason}" for path, reason in dataset.passed_over if path not in wrong)
    yield from (f"wrong: {path}: {reason}" for path, reason in checked.mismatches)
    if not checked.mismatches:
        yield "nothing is wrong"
