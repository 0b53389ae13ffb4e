"""Every method on the I3D features of ShanghaiTech: constants on the development cameras, figures on ShanghaiTech-SD.

    python benchmarks/shanghaitech_sd.py DEV SD --work WORK --seeds 2 --set steps=300 width=128 learning-rate=1e-3

DEV and SD are folders of train/, test/ and labels/ with SCENE_VIDEO.npy (32, D) each, and frames.json: the cameras 02,
03, 04, 05 and 08, and the scene-dependent split of the others. Constants and settings are chosen by DEV's columns; SD
is scored once a method. WORK keeps features and runs: a stopped benchmark goes on. Prints strict figures in percent:
pooled AUC and the mean of the AUCs within scenes, mean and sample standard deviation over seeds; below, constants and
what was published (chosen on test data in part). Then, for each method, what knowing the scene is worth: its best
scene-aware form minus its best scene-agnostic one, both chosen on DEV. With --published two more columns: SD by the
published protocol, which chooses checkpoint and smoothing by SD's labels.
"""

import argparse
from collections.abc import Iterable, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

from scenewise import BenchmarkConfig, import_features, run_benchmark
from scenewise.benchmark.forms import all_forms
from scenewise.config import Protocol
from scenewise.results.rows import UNDEFINED

FPS = 24.0
FIGURES = ("frame_auc_micro", "scene_auc_mean")
"""Pooled, and within scenes."""
Rows = Mapping[str, Mapping[str, Any]]
"""{name: row of a table.json}."""


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("dev", type=Path)
    parser.add_argument("sd", type=Path)
    parser.add_argument("--work", type=Path, default=Path("runs/shanghaitech-sd"))
    parser.add_argument("--methods", nargs="+", default=["all"])
    parser.add_argument("--seeds", type=int, default=3)
    parser.add_argument("--set", nargs="+", default=[])
    parser.add_argument("--jobs", type=int)
    parser.add_argument("--published", action="store_true", help="SD by the published protocol also")
    parser.add_argument("--development-only", action="store_true", help="leave SD alone, while constants are chosen")
    given = parser.parse_args()
    config = BenchmarkConfig(
        methods=tuple(given.methods), seeds=given.seeds, set=tuple(given.set), jobs=given.jobs, device="cpu"
    )
    tables = _tables("development", given.dev, given.work, config)
    if not given.development_only:
        protocol: Protocol = "published" if given.published else "strict"
        tables |= _tables("sd", given.sd, given.work, replace(config, protocol=protocol))
    _print_table(tables)
    _print_worth(tables)


def _tables(name: str, folder: Path, work: Path, config: BenchmarkConfig) -> dict[str, Rows]:
    """{NAME or "NAME published": rows} of the benchmark on one folder of segment features."""
    features, out = work / f"{name}-features", work / f"{name}-benchmark"
    import_features(folder, features, "I3D", fps=FPS, rows="spread", frames=folder / "frames.json")
    written = run_benchmark(features, out, config).as_json()["tables"]
    return {table.replace("table-", f"{name} ").replace("table", name): _rows(content["rows"])
            for table, content in written.items()}  # fmt: skip


def _rows(rows: Iterable[Mapping[str, Any]]) -> Rows:
    return {f"{row['method']} ({row['kind']})" if row["kind"] != "measured" else row["method"]: row for row in rows}


def _print_table(tables: Mapping[str, Rows]) -> None:
    heads = [f"{name} {figure}" for name in tables for figure in ("pooled", "within")]
    print(f"{'percent':58s}{'scene-aware':>12s}" + "".join(f"{head:>26s}" for head in heads))
    for title in dict.fromkeys(title for rows in tables.values() for title in rows):
        known = [rows.get(title) for rows in tables.values()]
        aware = next(row for row in known if row is not None)["scene_aware"]
        cells = "".join(f"{_cell(row, figure):>26s}" for row in known for figure in FIGURES)
        print(f"{title:58s}{'' if aware is None else 'yes' if aware else 'no':>12s}{cells}")


def _cell(row: Mapping[str, Any] | None, figure: str) -> str:
    found = (row or {}).get("figures", {}).get(figure) or {}
    if found.get("mean") is None:
        return UNDEFINED
    deviation = "" if found["deviation"] is None else f" ± {100 * found['deviation']:.1f}"
    return f"{100 * found['mean']:.1f}{deviation}"


def _print_worth(tables: Mapping[str, Rows]) -> None:
    """What knowing the scene is worth, in points, method by method."""
    methods = {form: method for form, (method, _) in all_forms().items()}
    development = tables["development"]
    print("\nwhat knowing the scene is worth, points: pooled, within")
    for method in dict.fromkeys(methods.get(form, form) for form in development):
        forms = [form for form in development if methods.get(form) == method]
        aware, agnostic = (_best(development, forms, scene_aware=known) for known in (True, False))
        if aware is None or agnostic is None:
            continue
        for name, rows in tables.items():
            if aware in rows and agnostic in rows:
                worth = (100 * (_mean(rows[aware], figure) - _mean(rows[agnostic], figure)) for figure in FIGURES)
                points = ", ".join(f"{one:+.1f}" for one in worth)
                print(f"{method:24s}{name:14s}{aware} - {agnostic}: {points}")


def _best(rows: Rows, forms: Iterable[str], *, scene_aware: bool) -> str | None:
    """The form with the best mean of both figures, among those that tell the scenes apart or do not."""
    candidates = [form for form in forms if rows[form]["scene_aware"] is scene_aware]
    return max(candidates, key=lambda form: sum(_mean(rows[form], figure) for figure in FIGURES), default=None)


def _mean(row: Mapping[str, Any], figure: str) -> float:
    return float(row["figures"][figure]["mean"] or 0.0)


if __name__ == "__main__":
    main()
