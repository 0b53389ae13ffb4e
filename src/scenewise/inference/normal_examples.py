"""Pictures of the nearest normal examples of a video's objects: from the training videos, or as the run keeps them."""

from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from typing import NamedTuple

from scenewise.errors import VideoError
from scenewise.inference.scored_frames import Sighting
from scenewise.methods.scores import NormalExample
from scenewise.runs.thumbnails import KeptPicture
from scenewise.video.decode import Frame, read_frames
from scenewise.video.square import square_around

MOST_EXAMPLES = 32
"""At most so many tracks of one video are shown with their nearest normal example."""


class ShownExample(NamedTuple):
    """A normal example to show beside an object."""

    picture: Frame
    similar: bool = False
    """It is not the nearest one itself but one that looks like it."""


def examples(
    sightings: Iterable[Sighting], budget: int, kept: Callable[[NormalExample], KeptPicture | None] = lambda _: None
) -> dict[int, ShownExample]:
    """{track: picture} of the nearest normal example of each track at its highest score, for the highest tracks.

    To read a frame, all frames before it are decoded. At most `budget` frames are decoded, those for the highest tracks
    first. An example beyond them, or whose video can no longer be read, is shown as it was `kept`, if it was.
    """
    highest = _highest_tracks(sightings)
    shown = {track: ShownExample(picture) for track, picture in _decoded(highest, budget).items()}
    for track, example in highest.items():
        if track not in shown and (picture := kept(example)) is not None:
            shown[track] = ShownExample(picture.frame, picture.similar)
    return shown


def _decoded(highest: Mapping[int, NormalExample], budget: int) -> dict[int, Frame]:
    """{track: picture} of those of `highest` {track: example} that can be read from at most `budget` frames."""
    wanted: dict[Path, dict[int, list[tuple[int, NormalExample]]]] = {}
    farthest: dict[Path, int] = {}
    for track, example in highest.items():
        source = Path(example.source)
        needed = max(example.frame + 1 - farthest.get(source, 0), 0)
        if needed > budget:
            continue
        budget -= needed
        farthest[source] = farthest.get(source, 0) + needed
        wanted.setdefault(source, {}).setdefault(example.frame, []).append((track, example))
    picture_of: dict[int, Frame] = {}
    for source, frames in wanted.items():
        try:
            pictures = read_frames(source, frames)
        except (VideoError, OSError):
            continue
        for frame, picture in pictures.items():
            for track, example in frames[frame]:
                picture_of[track] = square_around(picture.shape[:2], example.box).of(picture).copy()
    return picture_of


def _highest_tracks(sightings: Iterable[Sighting]) -> dict[int, NormalExample]:
    """{track: example} of at most MOST_EXAMPLES tracks, the highest first; holds at most four times as many."""
    best: dict[int, Sighting] = {}
    for sighting in sightings:
        if sighting.track not in best or sighting.score > best[sighting.track].score:
            best[sighting.track] = sighting
        if len(best) > 4 * MOST_EXAMPLES:
            best = _highest(best)
    return {track: sighting.normal for track, sighting in _highest(best).items() if sighting.normal is not None}


def _highest(best: dict[int, Sighting]) -> dict[int, Sighting]:
    order = sorted(best.values(), key=lambda sighting: -sighting.score)
    return {sighting.track: sighting for sighting in order[:MOST_EXAMPLES]}
