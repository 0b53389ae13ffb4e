"""The report: evaluated runs in, one self-contained HTML page out, and the same pictures as files if asked for.

The page loads nothing: style, script, pictures and curves are inside it, and its content security policy refuses
everything else. The same runs give the same bytes. What it shows is in `sections/`, a file and a template a section;
what all sections share is in `templates/`.
"""

import json
from collections.abc import Sequence
from dataclasses import asdict
from functools import partial
from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup, escape

from scenewise.checksums import CHECKSUMS, read_as_one, recorded_checksums
from scenewise.config import Protocol
from scenewise.errors import ConfigError
from scenewise.evaluation.folder import FOLDERS
from scenewise.evaluation.metric import Metric
from scenewise.files import require_there, write_bytes
from scenewise.folders import real
from scenewise.output_folder import OutputFolder, lock_all
from scenewise.report.axis import significant
from scenewise.report.colours import ACCENTS, DASHES
from scenewise.report.curves import Chart
from scenewise.report.display_names import class_name
from scenewise.report.events import Event, normal_ranges
from scenewise.report.frame_objects import brief
from scenewise.report.peaks import Peak
from scenewise.report.pictures import write_pictures
from scenewise.report.report_data import gather
from scenewise.report.section import Report, fill_sections
from scenewise.report.sections import SECTIONS
from scenewise.report.words import figure_name, term
from scenewise.results.rows import ideal_text, share
from scenewise.visible import visible_lines, visible_values

REPORTS: dict[Protocol, str] = {"strict": "report.html", "published": "report-published.html"}
"""The page's name if none is given, by protocol."""


def write_report(
    runs: Sequence[str | Path],
    out: str | Path,
    commands: Sequence[str] = (),
    png: str | Path | None = None,
    protocol: Protocol = "strict",
) -> Path:
    """Write the page of one or more evaluated run folders to `out`, its pictures into `png`, and return `out`.

    Figures and scores are those of `protocol`. Runs that differ only in their seed are averaged, and `commands` are
    shown before those recorded in the runs.

    Raises DataError if the runs cannot stand in one table; IntegrityError if a file of theirs was changed, or one is
    replaced meanwhile; ConfigError if `out` cannot be a file or `png` a folder, or if another command is writing there.
    """
    folders, out = [Path(run) for run in runs], Path(out)
    png = None if png is None else Path(png)
    if png is not None:
        _check_folder(png)
    read = [folder for run in folders for folder in (run, run / FOLDERS[protocol])]
    written = [OutputFolder(out, "a report"), *([] if png is None else [OutputFolder(png, "pictures")])]
    with lock_all(written):
        _refuse_others(out, folders)
        with read_as_one(*read):
            report = fill_sections(gather(folders, commands, protocol), SECTIONS)
            html = page(report).encode()
        write_bytes(out, html)
        if png is not None:
            write_pictures(report, png)
        require_there([out])
    return out


def _check_folder(png: Path) -> None:
    existing = next(path for path in (png, *png.parents) if path.exists())
    if not existing.is_dir():
        raise ConfigError(f"--png {png}: expected a folder for the pictures, but {existing} is a file; name another")
    recorded_checksums(png)  # a foreign SHA256SUMS is told before the work


def _refuse_others(out: Path, runs: Sequence[Path]) -> None:
    """Raise ConfigError if `out` is a folder, a device or a file of the runs: the page would take its place."""
    if out.exists() and not out.is_file():
        what = "a folder" if out.is_dir() else "no file"
        raise ConfigError(f"--out {out}: expected the name of an HTML file to write, but it is {what}; name a file")
    for run in runs:
        if any(real(out) == real(run / name) for name in (CHECKSUMS, *recorded_checksums(run))):
            raise ConfigError(f"--out {out}: is a file of the run {run} itself; name another")


def page(report: Report) -> str:
    """The page as HTML."""
    templates = _templates(report)
    sections = [
        Markup(
            templates.get_template(part.template.name).render(
                section=part.content, report=report.gathered, frames=report.frames
            )
        )
        for part in report.parts
    ]
    return templates.get_template("page.html.j2").render(
        report=report.gathered, sections=sections, listed=[part for part in report.parts if part.title]
    )


def _templates(report: Report) -> Environment:
    folders = [Path(__file__).parent / "templates", *(part.template.parent for part in report.parts)]
    environment = Environment(
        loader=FileSystemLoader(list(dict.fromkeys(folders))),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        finalize=_visible,
    )
    environment.policies["json.dumps_function"] = _dumps
    environment.filters["percent"] = share
    environment.filters["significant"] = lambda value: f"{significant(value):g}"
    environment.filters["score"] = partial(brief, scaled=report.gathered.in_scene_scale)
    environment.filters["named"] = class_name
    environment.filters["column"] = _column
    environment.globals["term"] = term
    environment.filters["breakable"] = lambda text: escape(text).replace("/", Markup("/<wbr>"))
    environment.filters["unbroken"] = lambda text: text.replace("-", "\N{NON-BREAKING HYPHEN}")
    environment.globals["ideal_text"] = ideal_text
    environment.globals["read_out"] = _read_out
    environment.globals["normal_ranges"] = normal_ranges
    environment.globals["model_styles"] = list(zip(ACCENTS, DASHES, strict=True))
    return environment


def _column(column: Metric) -> Markup:
    """The name of a figure, its class of event as people call it, linked to what it means."""
    of_class = column.path[0] in ("event_auc", "event_alarm_rate")
    name = column.name.replace(column.path[1], class_name(column.path[1])) if of_class else column.name
    return figure_name(column.path, visible_lines(name))


def _visible(value: Any) -> Any:
    """What a template prints; control characters in names are written out, whichever part of the page they are in."""
    if isinstance(value, Markup):
        return Markup(visible_lines(value))  # escapes hold no markup
    return visible_lines(value) if isinstance(value, str) else value


def _dumps(value: Any, **options: Any) -> str:
    return json.dumps(visible_values(value), **options)


def _read_out(
    chart: Chart,
    fps: float | None,
    events: Sequence[Event],
    ranges: Sequence[tuple[int, int]],
    peaks: Sequence[Peak],
) -> dict[str, Any]:
    """What the page's script needs to say what is under the pointer."""
    return {
        "unit": chart.unit,
        "divisor": chart.divisor,
        "suffix": chart.suffix,
        "fps": fps,
        "start": chart.start,
        "end": chart.end,
        "stride": chart.stride,
        "x": chart.x,
        "curves": [{"label": one.label, "accent": one.accent, "values": one.values} for one in chart.curves],
        "events": [
            {
                **{name: value for name, value in asdict(event).items() if name != "boxes"},
                "name": class_name(event.name),
            }
            for event in events
        ],
        "ranges": ranges,
        "peaks": [{"first": peak.first, "last": peak.last, "frame": peak.frame} for peak in peaks],
    }
