"""`scenewise split`: recordings of cameras become a data set: earlier footage to learn from, later footage to score.

OUT/
├── dataset.json               which recording, or part of one, is of which scene, and what it is for
├── parts/CAMERA/VIDEO-1.mkv   what was cut; whole recordings stay where they are
└── SHA256SUMS
"""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import groupby
from pathlib import Path
from typing import Any

from scenewise.checksums import read_json
from scenewise.config.recordings import SplitConfig
from scenewise.datasets.unchanged import DATASET_JSON
from scenewise.errors import DataError, VideoError
from scenewise.files import write_json
from scenewise.folders import real
from scenewise.formats.json_text import Form
from scenewise.names import as_text
from scenewise.output_folder import OutputFolder
from scenewise.progress import note
from scenewise.recordings.cameras import Cameras
from scenewise.recordings.cut import cut
from scenewise.recordings.plan import Part, plan
from scenewise.video.source import FrameSource, name_of, open_source


@dataclass(frozen=True)
class SplitCamera:
    """What became of one camera's recordings."""

    name: str
    recordings: int
    learn_seconds: float
    score_seconds: float
    learn_videos: int
    score_videos: int


class _MadeBy(Form):
    settings: dict[str, Any]
    cameras: list[dict[str, Any]]


class _Described(Form):
    made_by: _MadeBy


def split(cameras: Cameras, out: Path, config: SplitConfig | None = None) -> list[SplitCamera]:
    """Write the data set `out` of the recordings of `cameras`; what an earlier call made of the same is kept.

    A recording that cannot be read is left out, and a note says so. Raises DataError if a camera has none that can be
    read, ConfigError if `out` holds something else or another split.
    """
    config = config or SplitConfig()
    sources = {name: _readable(name, recordings, config.fps) for name, recordings in cameras.items()}
    settings = {
        "learn": config.learn,
        "fps": config.fps,
        "recordings": {name: [[str(real(path)), one.signature] for path, one in own] for name, own in sources.items()},
    }
    folder = OutputFolder(out, "recordings that were split")
    with folder.lock():
        folder.recover()
        folder.refuse_foreign()
        if (out / DATASET_JSON).is_file():
            made = read_json(out / DATASET_JSON, _Described, format_version=1)["made_by"]
            if made["settings"] == settings:
                return [SplitCamera(**one) for one in made["cameras"]]
        with folder.replace() as fresh:
            videos: list[dict[str, Any]] = []
            found = [_split_camera(name, own, fresh, config, videos) for name, own in sources.items()]
            made_by = {"settings": settings, "cameras": [vars(one) for one in found]}
            write_json(fresh / DATASET_JSON, {"format": 1, "videos": videos, "made_by": made_by})
    return found


def _readable(camera: str, recordings: Sequence[Path], fps: float | None) -> list[tuple[Path, FrameSource]]:
    found: list[tuple[Path, FrameSource]] = []
    reasons = []
    for path in recordings:
        try:
            found.append((path, open_source(path, fps)))
        except (VideoError, OSError) as error:
            reasons.append(str(error))
            note(f"left out: {error}")
    if not found:
        raise DataError(f"{camera}: none of its recordings can be read; the first: {reasons[0]}")
    return found


def _split_camera(
    name: str,
    sources: Sequence[tuple[Path, FrameSource]],
    fresh: Path,
    config: SplitConfig,
    videos: list[dict[str, Any]],
) -> SplitCamera:
    """Cut what has to be cut of one camera's recordings, and add its videos to `videos`."""
    seconds = [(source.frames_claimed or 1) / source.fps for _, source in sources]
    to_learn = sum("test" not in path.parts for path, _ in sources)
    learned = to_learn if 0 < to_learn < len(sources) else None
    parts = plan(seconds, config.learn, learned)
    names = _names([path for path, _ in sources])
    for place, of_recording in groupby(parts, key=lambda part: part.recording):
        own, (path, source) = list(of_recording), sources[place]
        files = [real(path)] if len(own) == 1 else _cut(path, own, fresh / "parts" / name, names[place], source.fps)
        for number, (part, file) in enumerate(zip(own, files, strict=True), 1):
            video = names[place] if len(own) == 1 else f"{names[place]}-{number}"
            shown = str(file.relative_to(fresh)) if file.is_relative_to(fresh) else str(file)
            rate = {"fps": source.fps} if path.is_dir() else {}
            videos.append({"scene": name, "name": video, "split": part.split, "path": shown, **rate})
    amounts = {kind: [part.stop - part.start for part in parts if part.split == kind] for kind in ("train", "test")}
    return SplitCamera(
        name,
        len(sources),
        round(sum(amounts["train"]), 1),
        round(sum(amounts["test"]), 1),
        len(amounts["train"]),
        len(amounts["test"]),
    )


def _cut(path: Path, parts: Sequence[Part], folder: Path, name: str, fps: float) -> list[Path]:
    targets = [folder / f"{name}-{number}" for number in range(1, len(parts) + 1)]
    cut(path, [part.start for part in parts], targets, fps)
    return [next(target.parent.glob(f"{target.name}.mkv"), target) for target in targets]


def _names(recordings: Sequence[Path]) -> list[str]:
    """A name for each recording; those of equal names get the names of their folders, or numbers, in front."""
    names = [name_of(path) for path in recordings]
    for longer in (lambda path, _: f"{as_text(path.parent.name)}-{name_of(path)}", lambda _, place: f"{place + 1:03d}"):
        counted = Counter(names)
        names = [name if counted[name] == 1 else longer(path, place)
                 for place, (name, path) in enumerate(zip(names, recordings, strict=True))]  # fmt: skip
    return names
