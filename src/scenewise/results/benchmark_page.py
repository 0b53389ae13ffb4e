"""The benchmark's table as one self-contained page, in the report's own style."""

from jinja2 import ChoiceLoader, Environment, PackageLoader, StrictUndefined

from scenewise.results.benchmark_table import BenchmarkTable, Column
from scenewise.results.benchmark_words import CHOSEN, KINDS, in_words, notes, spread_in_words, title


def page(table: BenchmarkTable, report: str) -> str:
    """The page as HTML; `report` is the file name of the page to link beside it."""
    environment = Environment(
        loader=ChoiceLoader([PackageLoader("scenewise.benchmark"), PackageLoader("scenewise.report")]),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    kinds = {kind: [row for row in table.rows if row.kind == kind] for kind in KINDS}
    return environment.get_template("benchmark.html.j2").render(
        table=table,
        title=title(table),
        notes=notes(table),
        chosen=CHOSEN,
        kinds={KINDS[kind]: rows for kind, rows in kinds.items() if rows},
        report=report,
        in_words=in_words,
        spread_in_words=spread_in_words,
        looks=[],
        lowest=_lowest(table),
        is_pictured=_is_pictured,
    )


def _lowest(table: BenchmarkTable) -> float:
    """Where the scale of the pictured AUC begins: 0.5, or lower by tenths where something lies below."""
    shown = [
        cell for column in table.columns if _is_pictured(column) for row in table.rows for cell in [row.cell(column)]
    ]
    values = [value for cell in shown for value in (*cell.values, *(cell.interval or ()))]
    return min([0.5, *(int(10 * value) / 10 for value in values)])


def _is_pictured(column: Column) -> bool:
    """Whether its cells also stand as places on a scale."""
    return column.path in (("frame_auc_micro",), ("scene_auc_mean",))
