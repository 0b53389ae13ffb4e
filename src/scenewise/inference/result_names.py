"""Where the results of each video go: a folder that is named after it, and after its camera if needed."""

import os
from collections import Counter
from collections.abc import Iterable, Sequence
from pathlib import Path

from scenewise.datasets.listing import entries, is_video
from scenewise.errors import ConfigError
from scenewise.folders import real
from scenewise.names import as_text
from scenewise.video.probe import is_frame_folder
from scenewise.video.source import name_of
from scenewise.video.stream import is_address


def named_results(videos: Sequence[str | Path]) -> dict[str, str | Path]:
    """{its folder of results, NAME or CAMERA/NAME: video}, a video given twice once.

    CAMERA is the folder that a video lies in, if that folder is one of several in a folder that was given, or if two
    videos have the same name.
    """
    found = list(
        dict.fromkeys((camera, _place(video), video) for given in videos for camera, video in _expanded(given))
    )
    plain = Counter(name_of(place) for place in {place for _, place, _ in found})
    named: dict[str, str | Path] = {}
    for camera, place, video in found:
        name = _result_name(video)
        if camera is None and plain[name] > 1 and not is_address(video):
            camera = as_text(Path(video).parent.resolve().name)
        other = named.setdefault(name if camera is None else f"{camera}/{name}", video)
        if _place(other) != place:
            raise ConfigError(
                f"{other} and {video} would both be written to {name}; score them with another --out each"
            )
    if not named:
        raise ConfigError("score: expected at least one video, folder of pictures or stream")
    streams = [video for video in named.values() if is_address(video)]
    if streams and len(named) > 1:
        raise ConfigError("score: a stream goes on until it ends; score it by a separate command")
    missing = [str(video) for video in named.values() if not is_address(video) and not os.path.lexists(video)]
    if missing:
        raise ConfigError(f"{', '.join(missing[:3])}: there is no such file or folder; nothing was scored")
    return named


def _result_name(video: str | Path) -> str:
    name = name_of(video)
    if not name or name.startswith("."):  # ".mp4", "..mp4": results that nobody would see
        raise ConfigError(
            f"{video}: expected a name for its folder of results that does not begin with a dot, got {name!r}; "
            "rename it"
        )
    return name


def _place(video: str | Path) -> str | Path:
    return video if is_address(video) else real(Path(video))


def _expanded(given: str | Path) -> list[tuple[str | None, str | Path]]:
    """(camera, video) of what `given` stands for: itself, or the videos in it, or in the folders of cameras in it."""
    if is_address(given):
        return [(None, given)]
    try:
        folder = Path(given)
        inside = _inside(folder)
        if inside or not folder.is_dir() or is_frame_folder(folder):
            return [(None, video) for video in inside] or [(None, given)]
        of_cameras = [(as_text(camera.name), video) for camera in entries(folder) for video in _inside(camera)]
        return [*of_cameras] or [(None, given)]
    except OSError:  # said when it is opened
        return [(None, given)]


def _inside(folder: Path) -> list[Path]:
    """The videos and the folders of pictures in `folder`; none if it is a video itself."""
    if not folder.is_dir() or is_frame_folder(folder):
        return []
    return [path for path in entries(folder) if is_video(path)]


def refuse_file(out: Path) -> None:
    """Raise ConfigError if `out` is a file, or lies below one."""
    for place in (out, *out.parents):
        if place.is_dir():
            return
        if os.path.lexists(place):
            raise ConfigError(
                f"--out {out}: expected a folder for the results, but {place} is no folder; choose another path"
            )


def refuse_scored_folder(out: Path, videos: Iterable[str | Path]) -> None:
    """Raise ConfigError if `out` is, or lies in, one of `videos`: a folder of pictures."""
    target = real(out)
    for video in videos:
        if not is_address(video) and Path(video).is_dir() and target.is_relative_to(real(Path(video))):
            raise ConfigError(
                f"--out {out}: the results would lie in {video}, which is scored; choose a folder outside it"
            )
