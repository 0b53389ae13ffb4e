"""Several benchmarks of the same forms as one Markdown table: a row a form, the figures of each set beside each other.

    python benchmarks/compare_tables.py street=STREET/table.json walkways=WALKWAYS/table.json avenue=AVENUE/table.json

Each table.json is one that `scenewise benchmark DATA --methods all` wrote. Percent, mean ± sample standard deviation
over seeds: the mean of the AUCs within scenes; of sets of several scenes also pooled AUC; of sets with the same class
of event in several scenes the mean over classes of its AUC where it is abnormal (ideal 100) and where it is normal
(ideal 50). Then the parameters, and the seconds of training, both on the first set. Forms are sorted by their mean
rank within scenes over the sets that allow them. Then, for each method with scene-aware and scene-agnostic forms, the
best of each and their difference.
"""

import argparse
import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from statistics import fmean
from typing import Any

from scenewise.benchmark.forms import all_forms
from scenewise.results.rows import UNDEFINED

Rows = Mapping[str, Mapping[str, Any]]
"""{form: its row of a table.json}."""
WITHIN, POOLED = "scene_auc_mean", "frame_auc_micro"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("tables", nargs="+", help="NAME=TABLE.json")
    sets = {name: _rows(Path(path)) for name, _, path in (one.partition("=") for one in parser.parse_args().tables)}
    _print_table(sets)
    _print_worth(sets)


def _rows(path: Path) -> Rows:
    rows = json.loads(path.read_text())["rows"]
    return {row["method"]: row for row in rows if row["kind"] in ("measured", "constant")}


def _print_table(sets: Mapping[str, Rows]) -> None:
    several = {
        name for name, rows in sets.items() if any(_mean(row, POOLED) != _mean(row, WITHIN) for row in rows.values())
    }
    dependent = {name for name, rows in sets.items() if any(_classes(row) for row in rows.values())}
    head = ["form", "scene-aware"]
    for name in sets:
        head.append(f"{name}: within")
        head += [f"{name}: pooled"] * (name in several)
        head += [f"{name}: abnormal / normal there"] * (name in dependent)
    print(f"| {' | '.join([*head, 'parameters', 'training'])} |\n|---|---|{'---:|' * (len(head))}")
    for form in sorted({form for rows in sets.values() for form in rows}, key=lambda form: _mean_rank(sets, form)):
        known = [rows.get(form) for rows in sets.values()]
        aware = next(row for row in known if row is not None)["scene_aware"]
        cells = [form, "" if aware is None else "yes" if aware else "no"]
        for name, rows in sets.items():
            row = rows.get(form)
            cells.append(_cell(row, WITHIN))
            cells += [_cell(row, POOLED)] * (name in several)
            cells += [_classes(row) or UNDEFINED] * (name in dependent)
        print(f"| {' | '.join([*cells, *_costs(next(iter(sets.values())).get(form))])} |")


def _mean_rank(sets: Mapping[str, Rows], form: str) -> tuple[bool, float]:
    """Constants last; then the mean share of forms that are better within scenes, over the sets that have the form."""
    shares = []
    for rows in sets.values():
        measured = [_mean(row, WITHIN) or 0.0 for row in rows.values() if row["kind"] == "measured"]
        if form in rows:
            shares.append(fmean(other > (_mean(rows[form], WITHIN) or 0.0) for other in measured))
    return all(rows[form]["kind"] == "constant" for rows in sets.values() if form in rows), fmean(shares)


def _print_worth(sets: Mapping[str, Rows]) -> None:
    methods = {form: method for form, (method, _) in all_forms().items()}
    print("\n| method | " + " | ".join(f"{name}: aware - agnostic, within" for name in sets) + " |")
    print("|---|" + "---|" * len(sets))
    for method in dict.fromkeys(methods.get(form, form) for rows in sets.values() for form in rows):
        cells = [_worth(rows, [form for form in rows if methods.get(form) == method]) for rows in sets.values()]
        if any(cell != UNDEFINED for cell in cells):
            print(f"| {method} | {' | '.join(cells)} |")


def _worth(rows: Rows, forms: Sequence[str]) -> str:
    best: dict[bool, float] = {}
    for form in forms:
        aware, mean = bool(rows[form]["scene_aware"]), _mean(rows[form], WITHIN) or 0.0
        best[aware] = max(best.get(aware, 0.0), mean)
    if len(best) < 2:
        return UNDEFINED
    return f"{100 * best[True]:.1f} - {100 * best[False]:.1f} = {100 * (best[True] - best[False]):+.1f}"


def _mean(row: Mapping[str, Any] | None, figure: str) -> float | None:
    found = (row or {}).get("figures", {}).get(figure) or {}
    value = found.get("mean")
    return None if value is None else float(value)


def _cell(row: Mapping[str, Any] | None, figure: str) -> str:
    mean = _mean(row, figure)
    if mean is None or row is None:
        return UNDEFINED
    deviation = row["figures"][figure]["deviation"]
    return f"{100 * mean:.1f}" + ("" if deviation is None else f" ± {100 * deviation:.1f}")


def _classes(row: Mapping[str, Any] | None) -> str:
    """`83.4 / 51.0`: mean over classes of the AUC where abnormal and where normal; empty if there are none."""
    figures = (row or {}).get("figures", {})
    sides = []
    for side in ("where_abnormal", "where_normal"):
        values = [
            found["mean"]
            for path, found in figures.items()
            if path.startswith("event_auc/") and path.endswith(side) and found["mean"] is not None
        ]
        sides.append(f"{100 * fmean(values):.1f}" if values else "")
    return " / ".join(sides) if all(sides) else ""


def _costs(row: Mapping[str, Any] | None) -> list[str]:
    parameters, seconds = _mean(row, "parameters"), _mean(row, "training_seconds")
    return [
        UNDEFINED if parameters is None else f"{parameters:,.0f}",
        UNDEFINED if seconds is None else f"{seconds:.0f} s",
    ]


if __name__ == "__main__":
    main()
