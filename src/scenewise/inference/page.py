"""`index.html` beside scored videos: what to look at first, as cards with pictures, and the curve of every video.

It is made of what `score` wrote, so it can be made again, and shows every video that lies beside it. Pictures are in
the page itself; full-size pictures, clips and videos are links.
"""

import shlex
import time
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import quote

import numpy as np
from PIL import Image

from scenewise.checksums import check, read_json, reading
from scenewise.clock import clock
from scenewise.errors import ConfigError, IntegrityError
from scenewise.files import write_bytes
from scenewise.formats.json_text import Form
from scenewise.formats.pictures import data_uri, jpeg_of, open_picture
from scenewise.inference.event_file import EVENTS, FORMAT, HighlightForm
from scenewise.inference.outline import Outline
from scenewise.inference.page_curves import SIZE, ScoredVideo, curve_of
from scenewise.inference.tables import read_scores
from scenewise.output_folder import OutputFolder
from scenewise.progress import note
from scenewise.scoring.level import LEVELS, Level, level_of, shown
from scenewise.templates import template
from scenewise.visible import visible

INDEX = "index.html"
TRIES = 40
"""Half seconds that another command may take to write the page."""
MOST_CARDS = 60
"""Cards of the page; further events are in the files of their videos."""
WIDE, SMALL, QUALITY = 880, 300, 80
"""Pixels of the frame on a card, and of the object or its nearest normal example; quality of their JPEGs."""
LEAD = 2.0
"""Seconds before a highlight at which its clip begins to play."""


class _Threshold(Form):
    value: float
    unusual: float


class _Scored(Form):
    video: str
    scene: str
    fps: float
    frames: int
    threshold: _Threshold
    highlights: list[HighlightForm]


@dataclass(frozen=True)
class Card:
    """One highlight as the page shows it."""

    video: ScoredVideo
    score: str
    level: Level
    time: str
    lasts: str
    why: str
    frame: str
    """The picture as a data URI, and likewise below; empty if there is none."""
    object: str
    normal: str
    similar: bool
    """Whether `normal` shows not the nearest normal example itself but one that looks like it."""
    full: str
    """The full-size picture, as an address relative to the page."""
    clip: str
    """The clip at that second, as an address relative to the page."""
    source: str
    """The video at that second, if it is still there."""
    accept: str
    """The command that makes it normal; empty if the method cannot."""


def write_page(out: Path, notes: Sequence[str] = ()) -> Path:
    """Write OUT/index.html of all scored videos in `out`, at any depth; `notes` are sentences for its head.

    Results that were changed, or that an older version wrote, are left out with a note. Another command that writes the
    page is waited for. Raises ConfigError if it does not come to an end, or if the page is a link.
    """
    with _waiting_for(OutputFolder(out / INDEX, "the page of scored videos")):
        return _write_page(out, notes)


@contextmanager
def _waiting_for(page: OutputFolder) -> Iterator[None]:
    """Hold the lock of `page` as soon as nobody else does; videos may be scored beside each other into one folder."""
    page.refuse_link()
    with ExitStack() as held:
        for tries_left in reversed(range(TRIES)):
            try:
                held.enter_context(page.lock())
                break
            except ConfigError:
                if not tries_left:
                    raise
                time.sleep(0.5)
        yield


def _write_page(out: Path, notes: Sequence[str]) -> Path:
    videos = list(_whole(out))
    found = sorted(
        ((video, number, one) for video in videos for number, one in enumerate(video.described["highlights"], 1)),
        key=lambda found: (-_above(found[0], found[2]), found[0].name, found[2]["time"]),
    )
    page = template("scenewise.inference", "scored.html.j2").render(
        cards=[_card(video, number, one, out) for video, number, one in found[:MOST_CARDS]],
        more=max(len(found) - MOST_CARDS, 0),
        events=sum(one["is_event"] for _, _, one in found),
        videos=videos,
        curves=[curve_of(video) for video in videos],
        levels=LEVELS,
        notes=notes,
        model_styles=[],
        size=SIZE,
    )
    write_bytes(out / INDEX, page.encode("utf-8", "surrogateescape"))
    return out / INDEX


def _whole(out: Path) -> Iterator[ScoredVideo]:
    for path in sorted(out.rglob(EVENTS)):
        if not any(part.startswith(".") for part in path.relative_to(out).parts):
            try:
                yield _read(path.parent, out)
            except IntegrityError as error:
                note(f"left out of {out / INDEX}: {error}")


def _read(folder: Path, out: Path) -> ScoredVideo:
    described = read_json(folder / EVENTS, _Scored, format_version=FORMAT)
    for name in (name for one in described["highlights"] for name in one["pictures"].values()):
        check(folder / name, folder)
    outline = Outline()
    for row in read_scores(folder):
        outline.add(np.array([row.time]), np.array([row.score], np.float32))
    return ScoredVideo(visible(str(folder.relative_to(out))), visible(described["scene"]), folder, described,
                       outline.columns())  # fmt: skip


def _above(video: ScoredVideo, highlight: dict[str, Any]) -> float:
    """By how much of its camera's alarm threshold a highlight is above it: what cards are sorted by."""
    score: float = highlight["score"]
    return score - video.alarm


def accept_command(folder: Path, number: int) -> str:
    """The command that makes highlight `number`, from 1, of the results in `folder` normal for its scene."""
    return shlex.join(["scenewise", "accept", str(folder), str(number)])


def _card(video: ScoredVideo, number: int, one: dict[str, Any], out: Path) -> Card:
    pictures = one["pictures"]
    lasts = one["end"] - one["start"]
    level = level_of(one["score"], video.unusual, video.alarm)
    return Card(
        video=video,
        score=shown(one["score"]),
        level=level,
        time=clock(one["time"]),
        lasts=f"{lasts:.0f} s" if lasts >= 1 else "",
        why=visible(one["why"]),
        frame=_embedded(video.folder, pictures.get("frame"), WIDE),
        object=_embedded(video.folder, pictures.get("object"), SMALL),
        normal=_embedded(video.folder, pictures.get("normal"), SMALL),
        similar=one["similar"],
        full=_address(video.folder / pictures["frame"], out) if "frame" in pictures else "",
        clip=_clip(video, one, out),
        source=_source(video, one),
        accept=accept_command(video.folder, number) if one["observed"] and level != "ordinary" else "",
    )


def _clip(video: ScoredVideo, one: dict[str, Any], out: Path) -> str:
    if one["clip"] is None or not (video.folder / one["clip"]["file"]).is_file():
        return ""
    begin = max(one["start"] - LEAD - one["clip"]["start"], 0)
    return f"{_address(video.folder / one['clip']['file'], out)}#t={begin:.1f}"


def _source(video: ScoredVideo, one: dict[str, Any]) -> str:
    source = Path(video.described["video"])
    return f"{source.resolve().as_uri()}#t={max(one['start'] - LEAD, 0):.1f}" if source.is_file() else ""


def _address(path: Path, out: Path) -> str:
    return quote(str(path.relative_to(out)), errors="surrogateescape")


def _embedded(folder: Path, name: str | None, widest: int) -> str:
    if name is None:
        return ""
    with reading(folder / name):
        image = open_picture(check(folder / name, folder), "RGB")
    image.thumbnail((widest, widest), Image.Resampling.LANCZOS)
    return data_uri(jpeg_of(image, QUALITY))
