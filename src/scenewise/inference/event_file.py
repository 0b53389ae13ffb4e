"""events.json: what one video was scored with, its events, and its highlights with their pictures."""

from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any

from pydantic import Field

from scenewise.files import write_json
from scenewise.formats.json_text import Form
from scenewise.inference.events import EventList, FoundEvent, NormalPicture
from scenewise.inference.highest_object import is_marked
from scenewise.inference.highlights import Highlights
from scenewise.inference.scored_frames import ScoredFrames
from scenewise.inference.tables import ObjectTable
from scenewise.methods.scores import NormalExample
from scenewise.scoring.level import Levels

EVENTS = "events.json"
FORMAT = 1


FirstAndLast = Annotated[list[Annotated[int, Field(ge=0)]], Field(min_length=2, max_length=2)]


class _Clip(Form):
    file: str
    start: float
    stop: float


class HighlightForm(Form):
    """A highlight as events.json holds it."""

    start: float
    end: float
    score: float
    time: float
    is_event: bool
    why: str
    similar: bool
    pictures: dict[str, str]
    clip: _Clip | None
    observed: FirstAndLast | None


@dataclass(frozen=True)
class About:
    """The content of events.json except the events; plain JSON."""

    video: dict[str, Any]
    """The video, its scene, its rate, the latency of its scores."""
    threshold: dict[str, Any]
    """`value` on the scene scale, and how it was chosen."""
    made_from: dict[str, Any]


class EventFile:
    """A sink: writes events.json when the video has ended."""

    def __init__(
        self, folder: Path, about: About, objects: ObjectTable, events: EventList, highlights: Highlights
    ) -> None:
        """`objects`, `events` and `highlights` are closed before."""
        self.folder, self.about, self.objects, self.events, self.highlights = folder, about, objects, events, highlights

    def add(self, frames: ScoredFrames) -> None:
        """See `Sink`."""

    def close(self) -> None:
        """See `Sink`."""
        events, about = self.events, self.about
        described = {
            "format": FORMAT,
            **about.video,
            "frames": events.frames,
            "lost_frames": events.lost,
            "threshold": about.threshold,
            "highest": events.highest,
            "highest_time": round(events.highest_time, 3),
            "events": [_described(event, self.objects.has_objects, events.marks.levels) for event in events.events],
            "highlights": [one.as_json() for one in self.highlights.found],
            "made_from": about.made_from,
        }
        write_json(self.folder / EVENTS, described)


def _described(listed: FoundEvent, has_objects: bool, levels: Levels) -> dict[str, Any]:
    described = {
        "start": round(listed.start, 3),
        "end": round(listed.end, 3),
        "first_frame": listed.event.first_frame,
        "last_frame": listed.event.last_frame,
        "peak_frame": listed.event.peak_frame,
        "peak_time": round(listed.peak_time, 3),
        "peak_score": listed.event.peak_score,
        "thumbnail": listed.thumbnail,
    }
    if not has_objects:
        return described
    raised_by = "object" if is_marked(listed.highest_object, levels) else "frame"
    return {**described, "raised_by": raised_by, "object": _object(listed)}


def _object(listed: FoundEvent) -> dict[str, Any] | None:
    sighting, elsewhere = listed.highest_object, listed.elsewhere
    if sighting is None:
        return None
    return {
        "frame": sighting.frame,
        "box": [round(share, 5) for share in sighting.box],
        "score": sighting.score,
        "nearest_normal": _normal(sighting.normal, listed.normal),
        "parts": {name: round(share, 4) for name, share in sighting.parts},
        "elsewhere": None if elsewhere is None else elsewhere._asdict(),
    }


def _normal(example: NormalExample | None, shown: NormalPicture | None) -> dict[str, Any] | None:
    if example is None:
        return None
    return {
        "video": example.video,
        "frame": example.frame,
        "box": [round(share, 5) for share in example.box],
        "picture": None if shown is None else shown.picture,
        "similar": shown is not None and shown.similar,
    }
