"""The folder that `extract` writes into: never the footage, never a folder with other files."""

import re
from collections.abc import Sequence
from pathlib import Path

from scenewise.datasets import Video
from scenewise.errors import ConfigError
from scenewise.folders import real
from scenewise.output_folder import OutputFolder

_WRITTEN = re.compile(r"(\.writing-)?([0-9]{6,}\.safetensors|video\.json|SHA256SUMS)")
"""The names of the files that `extract` writes into a video's folder, unfinished ones too."""


def target_of(out: Path, video: Video) -> Path:
    """The folder of the features of `video` in the store `out`."""
    return out / video.split / video.scene / video.name


def refuse_footage(out: Path, data: Path, videos: Sequence[Video]) -> None:
    """Raise ConfigError if the store `out` would lie in the footage of the data set `data`, or the footage in it."""
    store = real(out)
    within = [folder for folder in (data / "train", data / "test") if store.is_relative_to(real(folder))]
    if store == real(data) or within:
        raise ConfigError(
            f"--out {out}: lies among the footage of {data}; choose another folder, such as {data}-features"
        )
    for video in videos:
        target, footage = real(target_of(out, video)), real(video.path)
        if footage.is_relative_to(target) or target.is_relative_to(footage):
            raise ConfigError(
                f"--out {out}: features of {video.title} would be written to {target}, where its footage lies "
                f"({footage}); choose another folder"
            )


def refuse_foreign_files(out: Path, video: Video) -> None:
    """Raise ConfigError if the folder of `video` in the store `out`, or one above it in the store, is a link, or if it
    holds a file that `extract` did not write. Hidden files may lie there."""
    target = target_of(out, video)
    OutputFolder(out, "features").refuse_link(target)
    OutputFolder(target, "features").refuse_foreign(lambda name: _WRITTEN.fullmatch(name) is not None)


def written_files(target: Path) -> list[Path]:
    """The files that `extract` itself wrote into a video's folder: nothing else in it is ever removed."""
    if not target.is_dir():
        return []
    return sorted(path for path in target.iterdir() if _WRITTEN.fullmatch(path.name) and path.is_file())
