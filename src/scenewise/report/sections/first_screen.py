"""The first screen, laid out like a slide: a thing allowed here and forbidden there, one sentence, three numbers.

The events on it are chosen by name and never by a score; of many models it lists those that are highest within scenes,
and says so. The sentence and the numbers are those of results/story.py.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from scenewise.report.event_pairs import EventPair, FoundEvent, event_pairs
from scenewise.report.labelled_box import labelled_box
from scenewise.report.report_data import Gathered
from scenewise.report.section import Content
from scenewise.report.thumbnails import LARGE, Shot
from scenewise.report.verdicts import Verdict, verdicts_at
from scenewise.results.story import Story, story_of
from scenewise.video.square import Box

TITLE = ""
MOST_PAIRS = 3
"""Classes of event in the strip, the first by name; the rest is below."""
CONTEXT = 3.0
"""Side of a picture over the longer side of the labelled thing."""
LEAST = 0.5
"""Side of a picture over the height of its frame, at least."""


@dataclass(frozen=True, eq=False)
class Seen:
    """An event as the strip shows it."""

    found: FoundEvent
    labelled: Box | None
    verdicts: list[Verdict]

    @property
    def picture(self) -> Shot:
        """The labelled thing and what is around it; the whole frame if its labels do not say where it is."""
        return Shot(self.found.video.source, self.found.middle, LARGE, self.labelled, CONTEXT, LEAST)


@dataclass(frozen=True, eq=False)
class Twins:
    """One class of event, allowed in one scene and forbidden in another."""

    name: str
    allowed: Seen
    forbidden: Seen

    @property
    def calls(self) -> list[tuple[Verdict, Verdict]]:
        """By model, the verdict where it is allowed and the one where it is forbidden."""
        return list(zip(self.allowed.verdicts, self.forbidden.verdicts, strict=True))


@dataclass(frozen=True, eq=False)
class FirstScreenContent(Content):
    """The slide."""

    twins: list[Twins]
    more: int
    """Classes that the strip has no room for."""
    story: Story
    further_models: int
    """Models that the strip has no room for."""

    @property
    def seen(self) -> list[Seen]:
        """All events of the strip."""
        return [seen for one in self.twins for seen in (one.allowed, one.forbidden)]

    @property
    def shots(self) -> Sequence[Shot]:
        """The strip's pictures."""
        return [one.picture for one in self.seen]

    @property
    def outlined(self) -> set[bool]:
        """Whether the labels say where the things are: of all, of none, or of some."""
        return {one.labelled is not None for one in self.seen}


def show(gathered: Gathered) -> FirstScreenContent | None:
    """The slide of all models; None without labels, see moments.py."""
    if not gathered.labelled:
        return None
    story = story_of(gathered.table)
    drawn = story.table.measured[: len(gathered.drawn)]
    ranks = [next(rank for rank, (_, row) in enumerate(story.models) if row is mine) for mine in drawn]
    order = sorted(range(len(ranks)), key=ranks.__getitem__)
    pairs = event_pairs(gathered.scenes)
    shown = [_twins(gathered, pair, order) for pair in pairs[:MOST_PAIRS]]
    return FirstScreenContent(shown, len(pairs) - len(shown), story, len(gathered.models) - len(drawn))


def _twins(gathered: Gathered, pair: EventPair, order: Sequence[int]) -> Twins:
    """`order` holds the places of the models in the order in which the strip lists them."""
    seen = []
    for found in (pair.allowed, pair.forbidden):
        verdicts = verdicts_at(gathered.drawn, found, scaled=gathered.in_scene_scale)
        seen.append(Seen(found, labelled_box(found), [verdicts[place] for place in order]))
    return Twins(pair.name, *seen)
