"""All models in one sentence, by their mean AUC within scenes: the default first, win or lose.

Differences are those of the figures as they are printed: rounded first, subtracted second, so that a reader who
subtracts gets the same.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal

from scenewise.methods import DEFAULT
from scenewise.results.labels import labels
from scenewise.results.rows import Row, share

WITHIN = "scene_auc_mean"
MOST_NAMED = 4
"""Others that the sentence names, the best of them."""
ORDINALS = ("first", "second", "third", "fourth", "fifth", "sixth", "seventh", "eighth", "ninth")


@dataclass(frozen=True)
class Ranked:
    """One model with a figure."""

    row: Row
    name: str
    """Without commas."""
    figure: Decimal
    """Mean AUC within scenes in percent, as it is printed."""

    @property
    def spoken(self) -> str:
        """`the default fusion`, `the scene-aware autoencoder`, `variational`."""
        return spoken(self.row, self.name)


@dataclass(frozen=True)
class Ranking:
    """The models that have an AUC within scenes."""

    lead: Ranked
    """The default; if there is none, the best."""
    others: tuple[Ranked, ...]
    """The best first."""

    @property
    def rival(self) -> Ranked | None:
        """What the lead is compared with: the best of the others."""
        return self.others[0] if self.others else None

    @property
    def wins(self) -> bool:
        """Whether the lead's printed figure is above all others."""
        return all(self.lead.figure > other.figure for other in self.others)

    @property
    def sentence(self) -> str:
        """The ranking in words."""
        lead, figure = self.lead.spoken, f"a mean AUC of {_percent(self.lead.figure)}"
        if not self.others:
            return f"Within scenes, {lead} reaches {figure}; chance is 50\N{NO-BREAK SPACE}%."
        place = sum(other.figure > self.lead.figure for other in self.others)
        against = _listed([self._against(other) for other in self.others[:MOST_NAMED]])
        further = len(self.others[MOST_NAMED:])
        more = f" The table has {further} more." if further else ""
        if self.wins:
            return f"Within scenes, {lead} comes first with {figure}: {against}.{more}"
        rank = ORDINALS[place] if place < len(ORDINALS) else f"number {place + 1}"
        return (
            f"Within scenes, {lead} does not win: it comes {rank} of {len(self.others) + 1} with {figure}, {against}."
            f"{more}"
        )

    def _against(self, other: Ranked) -> str:
        difference = self.lead.figure - other.figure
        where = (
            f"{abs(difference)}\N{NO-BREAK SPACE}points {'above' if difference > 0 else 'below'}"
            if difference
            else "level with"
        )
        return f"{where} {other.spoken} ({_percent(other.figure)})"


def ranking(rows: Sequence[Row], names: Sequence[str] | None = None) -> Ranking | None:
    """Rank the models that have an AUC within scenes; None if none has one. `names` are by default their labels."""
    names = labels([row.title for row in rows]) if names is None else names
    found = [
        Ranked(row, name, Decimal(share(row.cell(WITHIN).mean)))
        for row, name in zip(rows, names, strict=True)
        if row.cell(WITHIN).mean is not None
    ]
    if not found:
        return None
    best_first = sorted(found, key=lambda one: -one.figure)
    defaults = [one for one in best_first if one.row.method == DEFAULT]
    # Of several forms of the default, the one that knows the scenes is what --method gives.
    lead = next((one for one in defaults if one.row.scene_aware), next(iter(defaults), best_first[0]))
    return Ranking(lead, tuple(one for one in best_first if one is not lead))


def in_order(rows: Sequence[Row]) -> list[tuple[str, Row]]:
    """Every model with its label, in the order of the sentence; those without an AUC within scenes come last."""
    names = labels([row.title for row in rows])
    ranked = ranking(rows, names)
    first = [] if ranked is None else [(one.name, one.row) for one in (ranked.lead, *ranked.others)]
    known = {row.title for _, row in first}
    return [*first, *(pair for pair in zip(names, rows, strict=True) if pair[1].title not in known)]


def best_within(rows: Sequence[Row]) -> Ranked | None:
    """The model with the highest AUC within scenes, of equals the lead; None if none has one."""
    ranked = ranking(rows)
    return None if ranked is None else max((ranked.lead, *ranked.others), key=lambda one: one.figure)


def spoken(row: Row, name: str) -> str:
    """A model's name as a sentence has it."""
    known = f"default {name}" if row.method == DEFAULT else name
    return f"the {known}" if " " in known else known


def _percent(figure: Decimal) -> str:
    return f"{figure}\N{NO-BREAK SPACE}%"


def _listed(parts: Sequence[str]) -> str:
    """`a`, `a and b`, `a, b and c`."""
    return " and ".join([", ".join(parts[:-1]), parts[-1]] if len(parts) > 1 else parts)
