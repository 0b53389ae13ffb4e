"""Pictures of the nearest normal examples of a video's objects, cut out of the training videos."""

from collections.abc import Iterable
from pathlib import Path

from scenewise.errors import VideoError
from scenewise.inference.scored_frames import Box, Sighting
from scenewise.methods.scores import NormalExample
from scenewise.video.decode import Frame, read_frames

MOST_EXAMPLES = 32
"""At most so many tracks of one video are shown with their nearest normal example."""
CONTEXT = 1.6
"""Ratio of the side of the square that is shown to the longer side of the object's box."""


def examples(sightings: Iterable[Sighting], budget: int) -> dict[int, Frame]:
    """{track: picture} of the nearest normal example of each track at its highest score, for the highest tracks.

    To read a frame, all frames before it are decoded. At most `budget` frames are decoded, those for the highest tracks
    first. An example whose video can no longer be read has no picture.
    """
    wanted: dict[Path, dict[int, list[tuple[int, NormalExample]]]] = {}
    farthest: dict[Path, int] = {}
    for track, example in _highest_tracks(sightings).items():
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
            picture_of |= {track: around(picture, example.box) for track, example in frames[frame]}
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


def around(picture: Frame, box: Box) -> Frame:
    """The square around `box` (shares), as far as the picture (H, W, 3) reaches."""
    height, width = picture.shape[:2]
    left, top, right, bottom = box[0] * width, box[1] * height, box[2] * width, box[3] * height
    half = max(CONTEXT * max(right - left, bottom - top) / 2, 1)
    across, down = (left + right) / 2, (top + bottom) / 2
    rows = slice(max(int(down - half), 0), max(int(down + half), 1))
    columns = slice(max(int(across - half), 0), max(int(across + half), 1))
    return picture[rows, columns].copy()
