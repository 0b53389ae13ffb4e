"""`scenewise accept`: an event or a moment that `score` found is fine, and its scene takes it for normal."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from scenewise.checksums import check, read_json, reading, recorded_checksums
from scenewise.clock import clock
from scenewise.counted import counted
from scenewise.did_you_mean import nearest
from scenewise.errors import ConfigError
from scenewise.formats.json_text import Form
from scenewise.formats.pictures import jpeg_of, open_picture
from scenewise.inference.event_file import EVENTS, FORMAT, HighlightForm
from scenewise.inference.observations import OBSERVED, read_observation
from scenewise.methods.scores import require_accepting
from scenewise.runs.accept import Acceptance, accept_observation
from scenewise.runs.history import read_history
from scenewise.runs.make_thumbnails import QUALITY, SIDE
from scenewise.runs.run import RUN_JSON, open_run
from scenewise.scoring.level import Levels, shown

NEAR = 1.5
"""Seconds from an event or a moment within which a time stands for it."""
_TIME = re.compile(r"(?:(?:(?P<hours>\d+):)?(?P<minutes>\d+):)?(?P<seconds>\d+(?:\.\d+)?)(?P<unit>s?)")


class _Source(Form):
    source: str | None


class _Threshold(Form):
    value: float
    unusual: float


class _Scored(Form):
    video: str
    run: str
    scene: str
    threshold: _Threshold
    highlights: list[HighlightForm]
    made_from: _Source


@dataclass(frozen=True)
class AcceptedEvent:
    """What accepting an event did."""

    run: Path
    scene: str
    time: float
    """Of the moment that is shown, in seconds."""
    done: Acceptance
    levels: Levels
    """Of the scene, when the video was scored."""

    def as_json(self) -> dict[str, Any]:
        """Plain JSON."""
        state = self.done.state
        return {"run": str(self.run), "state": state.number, "when": state.when, "by": state.by, **state.details}

    def in_lines(self) -> list[str]:
        """What was done, for people."""
        done, before, after = self.done, self.levels.in_words(self.done.before), self.levels.in_words(self.done.after)
        where = "all scenes, which share one memory" if done.everywhere else self.scene
        objects = counted(done.objects, "sighting of an object", "sightings of objects") if done.objects else ""
        added = " and ".join(filter(None, (objects, counted(done.frames, "frame") if done.frames else "")))
        lines = [f"{clock(self.time)} is normal in {where} from now on: {added} added, {before} -> {after}"]
        if self.levels.of(done.after) != "ordinary":
            lines.append(
                f"it is still {self.levels.of(done.after)}, above {shown(self.levels.unusual)}: what surrounds it "
                "counts too; accept the moments beside it, or train with this footage"
            )
        return [*lines, f"state {done.state.number} of {self.run}; back: scenewise undo {self.run}"]


def accept_event(
    scored: str | Path,
    event: str | int,
    run: str | Path | None = None,
    *,
    by: str | None = None,
    commands: Sequence[str] = (),
) -> AcceptedEvent:
    """Make one event of a scored video normal in its scene, as a new state of its run.

    `scored`: the folder of one video's results, or one in which there is only one. `event`: its number, as the page
    shows it, or its time, such as 0:24 or 24.5s. `run`: the run's folder, if it has moved since.

    Raises ConfigError, with what there is, if there is no such video or event; and raises as `accept_observation`.
    """
    folder = _folder_of(Path(scored))
    described = read_json(folder / EVENTS, _Scored, format_version=FORMAT)
    number = _number_of(str(event), described["highlights"], folder)
    one = described["highlights"][number - 1]
    run = Path(described["run"] if run is None else run)
    if not (run / RUN_JSON).is_file():
        raise ConfigError(f"{run}: the run that scored the video is not there any more; give its folder by --run")
    require_accepting(open_run(run).method)
    if one["observed"] is None:
        raise ConfigError(
            f"{folder}: nothing of number {number} was kept, since too much of the video scores higher; accept "
            "one of those first, and score the video again"
        )
    source = described["made_from"]["source"]
    observed, encoder = read_observation(
        folder,
        (one["observed"][0], one["observed"][1]),
        described["scene"],
        f"accepted/{described['scene']}/{folder.name}",
        described["video"],
    )
    observed_sha256 = recorded_checksums(folder)[OBSERVED]
    _require_new(run, observed_sha256, number, folder)
    details = {
        "event": number,
        "is_event": one["is_event"],
        "start": one["start"],
        "end": one["end"],
        "score": one["score"],
        "results": str(folder.resolve()),
        "footage_sha256": source,
        "observed_sha256": observed_sha256,
    }
    done = accept_observation(
        run, observed, encoder, details=details, picture=_picture(folder, one), by=by, commands=commands
    )
    levels = Levels(described["threshold"]["unusual"], described["threshold"]["value"])
    return AcceptedEvent(run, described["scene"], one["time"], done, levels)


def _require_new(run: Path, observed_sha256: str, number: int, folder: Path) -> None:
    """Raise ConfigError if the same event was accepted in the current state of the run, or in one it was made from."""
    history = read_history(run)
    place: int | None = history.current
    while place is not None:
        state = history.state(place)
        if (state.details.get("observed_sha256"), state.details.get("event")) == (observed_sha256, number):
            raise ConfigError(
                f"{folder}: number {number} was accepted already, as state {place} of the run; see what it scores now "
                f"with: scenewise score {run}"
            )
        place = state.parent


def _folder_of(scored: Path) -> Path:
    """The folder of results that `scored` means. Raises ConfigError, with what is near, if it means none or several."""
    if (scored / EVENTS).is_file():
        return scored
    above = scored
    while not above.is_dir() and above != above.parent:
        above = above.parent
    found = sorted(path.parent for path in above.rglob(EVENTS))
    if len(found) == 1 and above == scored:
        return found[0]
    if not found:
        raise ConfigError(f"{scored}: expected the results of a scored video, found no {EVENTS} there; see the page")
    names = {str(path): path for path in found}
    near = None if above == scored else nearest(str(scored), names)
    if near:
        raise ConfigError(f"{scored}: there are no results of a scored video; did you mean {near}?")
    more = f" and {len(found) - 4} more" if len(found) > 4 else ""
    raise ConfigError(f"{scored}: name one scored video: {', '.join([*names][:4])}{more}")


def _number_of(event: str, highlights: Sequence[dict[str, Any]], folder: Path) -> int:
    """The number, from 1, of the highlight that `event` names by number or by time."""
    if not highlights:
        raise ConfigError(f"{folder}: the video has no event and no moment")
    named = _TIME.fullmatch(event.strip().removeprefix("#"))
    if named and (named["minutes"] or named["unit"] or "." in named["seconds"]):
        seconds = 3600 * int(named["hours"] or 0) + 60 * int(named["minutes"] or 0) + float(named["seconds"])
        apart = [max(one["start"] - seconds, seconds - one["end"], 0.0) for one in highlights]
        nearest = min(range(len(apart)), key=lambda place: (apart[place], place))
        if apart[nearest] <= NEAR:
            return nearest + 1
        raise ConfigError(f"{event}: nothing is listed at that time; did you mean {_listed(nearest, highlights)}?")
    if named and 1 <= int(named["seconds"]) <= len(highlights):
        return int(named["seconds"])
    listed = ", ".join(_listed(place, highlights) for place in range(len(highlights))[:5])
    raise ConfigError(f"{event}: expected the number of an event or a moment, or its time; {folder} has {listed}")


def _listed(place: int, highlights: Sequence[dict[str, Any]]) -> str:
    return f"{place + 1} (at {clock(highlights[place]['time'])})"


def _picture(folder: Path, one: dict[str, Any]) -> bytes | None:
    """A small JPEG of the object; None if it shows none."""
    name = one["pictures"].get("object")
    if name is None:
        return None
    with reading(folder / name):
        picture = open_picture(check(folder / name, folder), "RGB")
    picture.thumbnail((SIDE, SIDE))
    return jpeg_of(picture, QUALITY)
