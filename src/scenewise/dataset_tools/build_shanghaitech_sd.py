"""`scenewise datasets build shanghaitech-sd`: builds the split from the official data, and checks its counts.

OUT/
├── dataset.json                    the split as a manifest; the footage stays where it is
├── SHA256SUMS
│                                   with --link also the tree that published code reads:
├── training/SS_VVV                 links to the official folders of frames
├── testing/SS_VVVV
└── testframemask/SS_VVVV.npy       links to the official labels; those of scene 01 are new files of zeros
"""

from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np

from scenewise.checksums import require_written
from scenewise.datasets import load_dataset
from scenewise.datasets.dataset_json import DATASET_JSON
from scenewise.datasets.shanghaitech_sd import FOLDERS, LABELS
from scenewise.datasets.shanghaitech_sd_split import COUNTS, Member, manifest, members
from scenewise.errors import ConfigError, DataError
from scenewise.files import write_json
from scenewise.folders import real
from scenewise.labels.labels import read_labels
from scenewise.output_folder import OutputFolder
from scenewise.progress import progress
from scenewise.video.count import count_frames


class SceneCount(NamedTuple):
    """Counts of a scene's test videos."""

    frames: int
    abnormal: int


class Built(NamedTuple):
    """What was written, and how its counts differ from the published ones."""

    training_videos: int
    test_videos: int
    scenes: dict[str, SceneCount]
    differences: list[str]

    def as_json(self) -> dict[str, Any]:
        """Plain JSON."""
        return {**self._asdict(), "scenes": {scene: count._asdict() for scene, count in self.scenes.items()}}


def build_shanghaitech_sd(official: Path, out: Path, *, link: bool = False, accept_differences: bool = False) -> Built:
    """Write the split of the official data set in `official` as the new folder `out`.

    Raises DataError, before anything is written, if `official` is another data set, lacks a video or labels,
    its labels do not fit their video, the counts are not the published ones (unless `accept_differences`), or, with
    `link`, a video is no folder of frames. Raises ConfigError if `out` holds anything, is a link, or lies among the
    official footage.
    """
    folder = OutputFolder(out, "a data set")
    folder.refuse_all()
    dataset = load_dataset(official)
    if dataset.layout != "shanghaitech":
        raise DataError(f"{official}: expected the official ShanghaiTech Campus, found the layout {dataset.layout}")
    if any(real(out).is_relative_to(real(dataset.root / folder)) for folder in FOLDERS.values()):
        raise ConfigError(f"--out {out}: lies among the footage of {dataset.root}; choose a folder outside of it")
    chosen = members(dataset)
    if link:
        _require_folders(chosen)
    with folder.lock():
        folder.refuse_all()
        built = _build(official, folder, chosen, link=link, accept_differences=accept_differences)
        require_written(out, [DATASET_JSON])
    return built


def _build(
    official: Path, folder: OutputFolder, chosen: list[Member], *, link: bool, accept_differences: bool
) -> Built:
    counted = _count(chosen)
    scenes = {
        scene: _sum(count for member, count in counted.items() if member.video.scene == scene) for scene in COUNTS
    }
    differences = _differences(scenes)
    if differences and not accept_differences:
        raise DataError(
            f"{official}: the split's counts are not those published: {'; '.join(differences)}; nothing was written "
            "(--accept-differences writes it all the same)"
        )
    made_by = {"command": "datasets build shanghaitech-sd", "differences": differences}
    folder.refuse_all()  # counting takes minutes, in which others may have written there
    with folder.replace() as fresh:
        _fill(fresh, chosen, made_by, {member: count.frames for member, count in counted.items()} if link else {})
    return Built(len(chosen) - len(counted), len(counted), scenes, differences)


def _require_folders(chosen: list[Member]) -> None:
    files = [video.path for _, video in chosen if not video.path.is_dir()]
    if files:
        raise DataError(
            f"{files[0]}: --link needs every video as a folder of frames, and {len(files)} are files; extract their "
            "frames to training/frames/SS_VVV/000.jpg, or build without --link"
        )


def _count(chosen: list[Member]) -> dict[Member, SceneCount]:
    """The counts of each test video."""
    counted: dict[Member, SceneCount] = {}
    test = [member for member in chosen if member.split == "test"]
    with progress() as bar:
        for member in bar.track(test, description="count test videos"):
            frames = count_frames(member.video.path).frames
            abnormal = 0 if member.all_normal else _abnormal(member, frames)
            counted[member] = SceneCount(frames, abnormal)
    return counted


def _abnormal(member: Member, frames: int) -> int:
    if member.video.labels is None:
        raise DataError(
            f"{member.video.path}: expected its labels in testing/test_frame_mask/; there is no such folder"
        )
    return int(read_labels(member.video.labels, frames).sum())


def _sum(counts: Iterable[SceneCount]) -> SceneCount:
    frames, abnormal = zip(*counts, strict=True)
    return SceneCount(sum(frames), sum(abnormal))


def _differences(scenes: Mapping[str, SceneCount]) -> list[str]:
    return [
        f"scene {scene} has {getattr(found, kind)} {name} (published: {getattr(SceneCount(*COUNTS[scene]), kind)})"
        for scene, found in scenes.items()
        for kind, name in (("frames", "test frames"), ("abnormal", "abnormal test frames"))
        if getattr(found, kind) != getattr(SceneCount(*COUNTS[scene]), kind)
    ]


def _fill(fresh: Path, chosen: list[Member], made_by: dict[str, Any], link: Mapping[Member, int]) -> None:
    """Write everything into the folder `fresh`; with `link` {test video: frames} the tree of links too."""
    write_json(fresh / DATASET_JSON, manifest(chosen, made_by))
    for member in chosen if link else ():
        video = member.video
        target = fresh / FOLDERS[member.split] / video.score_name
        target.parent.mkdir(exist_ok=True)
        target.symlink_to(real(video.path))
        labels = fresh / LABELS / f"{video.score_name}.npy"
        labels.parent.mkdir(exist_ok=True)
        if member.all_normal:
            np.save(labels, np.zeros(link[member], np.uint8), allow_pickle=False)
        elif member.split == "test" and video.labels is not None:
            labels.symlink_to(real(video.labels.path))


def in_lines(built: Built) -> Iterator[str]:
    """The counts, by scene and in all."""
    yield f"{built.training_videos} training videos, {built.test_videos} test videos"
    every = _sum(built.scenes.values())
    for name, count in [*((f"scene {scene}", count) for scene, count in built.scenes.items()), ("together", every)]:
        yield f"{name:<9}{count.frames:>7,} test frames, {count.abnormal:>6,} of them abnormal"
