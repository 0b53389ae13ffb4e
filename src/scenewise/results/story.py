"""The short story of a table: one sentence, three numbers and few figures; for a terminal and as Markdown.

Both are made of the same figures as the first screen of the report.
"""

import textwrap
from collections.abc import Sequence
from dataclasses import dataclass, replace

from rich import box
from rich.console import Console
from rich.measure import Measurement
from rich.table import Table as Drawn
from rich.text import Text

from scenewise.counted import counted
from scenewise.evaluation.metric import Metric
from scenewise.methods import DEFAULT
from scenewise.results.key_figures import KeyFigure, key_figures
from scenewise.results.metrics_list import EVENTS
from scenewise.results.notes import CHOSEN
from scenewise.results.ranking import WITHIN, Ranking, in_order, ranking
from scenewise.results.rows import Row, ideal_text, share
from scenewise.results.table import POOLED_AUC, Table

COLUMNS = 80
"""Nothing that is printed is wider, also in a wider terminal."""
HEAD_WIDTH, CONSTANT_WIDTH = 11, 8
"""Columns to which the heads of the models and of the constants fold."""
UNMEASURED = "No scene has both normal and abnormal labelled frames, so nothing can be measured within scenes."
PLACES = {"where_abnormal": "forbidden", "where_normal": "allowed"}


@dataclass(frozen=True)
class Story:
    """What a table says, in short."""

    table: Table
    ranking: Ranking | None
    figures: list[KeyFigure]

    @property
    def sentence(self) -> str:
        """All models in one sentence."""
        return UNMEASURED if self.ranking is None else self.ranking.sentence

    @property
    def models(self) -> list[tuple[str, Row]]:
        """Every model with its name, in the order of the sentence; those without an AUC within scenes come last."""
        return in_order(self.table.measured)

    @property
    def columns(self) -> list[Metric]:
        """The few figures: AUC within scenes, pooled, and by class of event where it is forbidden and allowed."""
        by_path = {column.path: column for column in self.table.columns}
        events = [
            replace(column, name=f"{column.path[1]}, {PLACES[column.path[2]]}")
            for column in self.table.columns
            if column.group == EVENTS
        ]
        return [
            replace(by_path[(WITHIN,)], name="AUC within scenes"),
            replace(by_path[POOLED_AUC], name="AUC, all pooled"),
            *events,
        ]


def story_of(table: Table) -> Story:
    """The story of a table whose names are shown to people."""
    table = table.visible()
    ranked = ranking(table.measured)
    return Story(table, ranked, [] if ranked is None else key_figures(table, ranked))


def print_story(story: Story, console: Console) -> None:
    """Print it, at most COLUMNS wide, and no wider than the terminal."""
    console.width = min(console.width, COLUMNS)
    if story.table.chosen_on_test_data:
        console.print(Text(CHOSEN, style="bold"))
    console.print(Text(story.sentence, style="bold"))
    console.print()
    if story.ranking and story.figures:
        console.print(_numbers(story.ranking, story.figures))
    for drawn in _tables(story, story.models, console):
        console.print()
        console.print(drawn)
    console.print()
    console.print(Text(_note(story), style="dim"))


def _numbers(ranked: Ranking, figures: Sequence[KeyFigure]) -> Drawn:
    """The three numbers beside those of the best other model."""
    drawn = Drawn(box=None, padding=(0, 2, 0, 0), pad_edge=False)
    drawn.add_column("")
    drawn.add_column(ranked.lead.name, style="bold", justify="right")
    if ranked.rival:
        drawn.add_column(ranked.rival.name, justify="right")
    drawn.add_column("ideal", style="dim", justify="right")
    for figure in figures:
        values = [figure.value, *([figure.rival] if ranked.rival else []), figure.ideal]
        drawn.add_row(figure.name, *(f"{value} %" for value in values))
    return drawn


def _tables(story: Story, models: Sequence[tuple[str, Row]], console: Console) -> list[Drawn]:
    """As few tables of all the models as fit."""
    drawn = _drawn(story, models)
    wanted = Measurement.get(console, console.options.update(max_width=10_000), drawn).maximum
    if wanted <= console.width or len(models) == 1:
        return [drawn]
    middle = (len(models) + 1) // 2
    return [*_tables(story, models[:middle], console), *_tables(story, models[middle:], console)]


def _drawn(story: Story, models: Sequence[tuple[str, Row]]) -> Drawn:
    drawn = Drawn(box=box.SIMPLE_HEAD, padding=(0, 1, 0, 0), pad_edge=False, show_edge=False)
    drawn.add_column("percent", overflow="fold")
    drawn.add_column("ideal", justify="right", style="dim", no_wrap=True)
    for name, _ in models:
        drawn.add_column(Text(textwrap.fill(name, HEAD_WIDTH)), justify="right")
    for constant in story.table.constants:
        drawn.add_column(Text(textwrap.fill(constant.title, CONSTANT_WIDTH)), justify="right", style="dim")
    for column in story.columns:
        title = Text(column.name, style="bold" if column.leads_its_group else "")
        figures = [share(row.cell(*column.path).mean) for row in (*(row for _, row in models), *story.table.constants)]
        drawn.add_row(title, ideal_text(column.ideal, column.unit), *figures)
    return drawn


def _note(story: Story) -> str:
    """What the figures are of, and how often each model was trained."""
    tested = story.table.tested
    by_text: dict[str, list[str]] = {}
    for name, row in story.models:
        by_text.setdefault(row.seeds_text, []).append(name)
    runs = "; ".join(f"{' and '.join(names)}: {text}" for text, names in by_text.items())
    return (
        f"{counted(tested.videos, 'test video')} of {counted(len(tested.scenes), 'scene')}, "
        f"{tested.protocol} protocol; encoder "
        f"{tested.encoder}. {runs}. Constants see no frame, only the scene's name. The report has every figure, with "
        "intervals."
    )


def as_markdown_table(story: Story) -> str:
    """A row a model, the default first, and below them the constants; of each class where it is forbidden / allowed."""
    classes = list(dict.fromkeys(column.path[1] for column in story.columns if column.group == EVENTS))
    head = ["", "AUC within scenes", "AUC, all scenes pooled", *(f"{name}, forbidden / allowed" for name in classes)]
    lines = [head, ["---"] * len(head), ["*ideal*", "100", "100", *["100 / 50"] * len(classes)]]
    for name, row in (*story.models, *((row.title, row) for row in story.table.constants)):
        default = " (default)" if row.method == DEFAULT else ""
        within, pooled = row.cell(WITHIN), row.cell(*POOLED_AUC)
        figures = [f"{cell.text()}{f' ({cell.bounds()})' if cell.interval else ''}" for cell in (within, pooled)]
        pairs = [" / ".join(share(row.cell("event_auc", kind, where).mean) for where in PLACES) for kind in classes]
        lines.append([f"{name}{default}", *figures, *pairs])
    return "\n".join(f"| {' | '.join(line)} |" for line in lines) + "\n"
