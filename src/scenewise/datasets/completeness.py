"""What a data set lacks, as far as names tell: a split, a scene's training videos, a video's content."""

from collections.abc import Iterator
from pathlib import Path

from scenewise.datasets.listing import entries, is_video
from scenewise.datasets.manifest import Dataset

OWN_FOOTAGE = frozenset({"generic", "dataset.json"})
"""Layouts of people's own footage, which may well be training videos alone."""


def lacking(dataset: Dataset) -> Iterator[tuple[Path, str]]:
    """Paths, each with what is missing there in a few words."""
    if dataset.layout not in OWN_FOOTAGE:
        for split, told in (("train", "training"), ("test", "test")):
            if not any(video.split == split for video in dataset.videos):
                yield dataset.root, f"no {told} videos: is a part of the download missing?"
    learnt = {video.scene for video in dataset.of("train")}
    strange = {video.scene: video.path for video in reversed(dataset.of("test")) if video.scene not in learnt}
    for scene, path in sorted(strange.items()) if learnt else ():
        yield path, f"a test video of scene {scene}, of which there are no training videos"
    for path in dataset.ignored:
        hollow = _hollow(path)
        if hollow is not None:
            yield path, hollow


def _hollow(path: Path) -> str | None:
    """What should be in `path` and is not; None where it is a thing of its own."""
    if path.is_symlink() and not path.exists():
        return "a link that leads nowhere; is what it points to moved?"
    if path.is_dir() and not entries(path):
        return "an empty folder among the videos; copy or extract it again"
    if any(map(is_video, entries(path))):
        return "a folder that holds its videos or pictures one level too deep"
    return None
