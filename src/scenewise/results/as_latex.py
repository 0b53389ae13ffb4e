"""The benchmark's table in LaTeX, with booktabs: rows are methods, columns are figures under their groups."""

from collections.abc import Iterator, Sequence

from scenewise.evaluation.metric import Metric
from scenewise.results.best import IsBest, best_of
from scenewise.results.notes import headline, notes
from scenewise.results.rows import UNDEFINED, Row, Spread, ideal_text
from scenewise.results.table import Table

SPECIAL = {
    "\\": r"\textbackslash{}", "{": r"\{", "}": r"\}", "$": r"\$", "&": r"\&", "%": r"\%", "#": r"\#", "_": r"\_",
    "~": r"\textasciitilde{}", "^": r"\textasciicircum{}", "<": r"\textless{}", ">": r"\textgreater{}",
    "|": r"\textbar{}", "±": r"\ensuremath{\pm}", UNDEFINED: "--",
}  # fmt: skip
"""How LaTeX writes characters that mean something else to it, or that its usual fonts lack."""
BETTER = {"higher": r"\ensuremath{\uparrow}", "lower": r"\ensuremath{\downarrow}", "nearer the ideal": ""}
ABOUT = 3
"""Columns that say what a row is."""


def as_latex(table: Table) -> str:
    r"""A `table` environment for a document that loads booktabs; its notes stand below as its caption.

    The best figure of each column is bold. A table of all columns is wide: put it into
    `\resizebox{\linewidth}{!}{...}`.
    """
    table = table.visible()
    heads = [rf"\begin{{tabular}}{{{'l' * ABOUT}{'r' * len(table.columns)}}}", r"\toprule", *_heads(table)]
    body: list[str] = []
    is_best = best_of(table)
    for _, rows in table.sections:
        body += [r"\midrule", *(_line(row, table.columns, is_best) for row in rows)]
    caption = " ".join([f"{headline(table)}.", *notes(table)])
    return "\n".join(
        [
            "% \\usepackage{booktabs} in the preamble",
            r"\begin{table}",
            r"\centering",
            *heads,
            *body,
            r"\bottomrule",
            r"\end{tabular}",
            rf"\caption{{{escaped(caption)}}}",
            r"\end{table}",
            "",
        ]
    )


def escaped(text: str) -> str:
    """Text as LaTeX shows it, whatever characters it has."""
    return "".join(SPECIAL.get(character, character) for character in text)


def _heads(table: Table) -> Iterator[str]:
    """Groups with a rule under each, then the figures with arrows to their better end, then the ideals."""
    groups, rules, first = [], [], ABOUT + 1
    for name, columns in table.groups:
        groups.append(rf"\multicolumn{{{len(columns)}}}{{c}}{{{escaped(name)}}}")
        rules.append(rf"\cmidrule(lr){{{first}-{first + len(columns) - 1}}}")
        first += len(columns)
    yield _cells([*[""] * ABOUT, *groups])
    yield " ".join(rules)
    yield _cells(["method", "feature", "scene-aware", *(_head(column) for column in table.columns)])
    ideals = [escaped(ideal_text(column.ideal, column.unit)) for column in table.columns]
    yield _cells(["ideal", "", "", *ideals])


def _head(column: Metric) -> str:
    return " ".join(part for part in (escaped(column.name), BETTER[column.better]) if part)


def _line(row: Row, columns: Sequence[Metric], is_best: IsBest) -> str:
    scene_aware = "" if row.scene_aware is None else "yes" if row.scene_aware else "no"
    title = f"{row.title} ({row.kind})" if row.kind == "published" else row.title
    figures = [_cell(row.cell(*one.path), bold=is_best(row, one)) for one in columns]
    return _cells([escaped(title), row.feature or "", scene_aware, *figures])


def _cell(cell: Spread, *, bold: bool) -> str:
    r"""`\textbf{83.4 \ensuremath{\pm} 1.2} {\scriptsize (80.1 to 86.0)}`."""
    interval = rf" {{\scriptsize ({escaped(cell.bounds())})}}" if cell.interval else ""
    figure = rf"\textbf{{{escaped(cell.text())}}}" if bold else escaped(cell.text())
    return f"{figure}{interval}"


def _cells(cells: Sequence[str]) -> str:
    return f"{' & '.join(cells)} \\\\"
