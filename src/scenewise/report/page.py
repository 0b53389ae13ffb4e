"""The report: evaluated runs in, one self-contained HTML page out.

The page loads nothing: style, script, pictures and curves stand inside it, and its own content security policy
refuses everything else. The same runs give the same bytes. What is shown is computed in this folder's other files;
what it looks like stands in `templates/`, one file a section.
"""

from collections.abc import Sequence
from dataclasses import asdict
from itertools import groupby
from pathlib import Path
from typing import Any

from jinja2 import Environment, PackageLoader, StrictUndefined

from scenewise.evaluation.table import Figure, figures, share, table_note
from scenewise.files import write_bytes
from scenewise.report.curves import Chart, significant
from scenewise.report.making import making
from scenewise.report.manifold import latent_marks, latent_spaces
from scenewise.report.reading import reading
from scenewise.report.runs import read_models
from scenewise.report.training_curves import training_charts
from scenewise.report.videos import ALL_OPEN, THUMBNAILS, Event, peak_pictures, scene_views


def write_report(runs: Sequence[Path], out: Path, commands: Sequence[str] = ()) -> Path:
    """Write the page of one or more evaluated run folders to `out`, and return `out`.

    Runs that differ only in their seed are averaged. `commands` are shown before those recorded in the runs. Raises
    DataError where the runs can not stand in one table, IntegrityError where a file of theirs was changed.
    """
    models = read_models(runs)
    scenes = scene_views(models)
    rows = [model.row for model in models]
    latent = latent_spaces(models)
    lines = figures(rows, everything=True)
    page = (
        _templates()
        .get_template("page.html.j2")
        .render(
            models=models,
            facts=models[0].runs[0].metrics,
            reading=reading(rows, [model.short for model in models]),
            groups=[(group, list(found)) for group, found in groupby(lines, key=lambda line: line.group)],
            lowest=_lowest(lines),
            note=table_note(rows),
            scenes=scenes,
            pictures=peak_pictures(scenes),
            thumbnail_limit=THUMBNAILS,
            all_open=ALL_OPEN,
            latent=latent,
            latent_marks=latent_marks(latent),
            training=training_charts(models),
            making=making(models, commands),
        )
    )
    write_bytes(out, page.encode())
    return out


def _templates() -> Environment:
    environment = Environment(
        loader=PackageLoader("scenewise.report"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters["percent"] = share
    environment.filters["significant"] = lambda value: f"{significant(value):g}"
    environment.filters["unbroken"] = lambda text: text.replace("-", "\N{NON-BREAKING HYPHEN}")
    environment.globals["read_out"] = _read_out
    return environment


def _read_out(
    chart: Chart, unit: str, fps: float | None, events: Sequence[Event], ranges: Sequence[tuple[int, int]]
) -> dict[str, Any]:
    """What the page's script needs to say what is under the pointer."""
    return {
        "unit": unit,
        "fps": fps,
        "start": chart.start,
        "end": chart.end,
        "stride": chart.stride,
        "x": chart.x,
        "curves": [{"label": one.label, "accent": one.accent, "values": one.values} for one in chart.curves],
        "events": [asdict(event) for event in events],
        "ranges": ranges,
    }


def _lowest(lines: Sequence[Figure]) -> float:
    """Where the table's pictures begin: the tenth below every AUC in it, at most 0.4, so that chance is inside."""
    values = [value for line in lines if line.pictured for cell in line.cells for value in cell.values]
    return min(0.4, *(int(10 * value) / 10 for value in values)) if values else 0.4
