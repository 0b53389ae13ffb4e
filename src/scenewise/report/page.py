"""The report: evaluated runs in, one self-contained HTML page out, and the same pictures as files where asked for.

The page loads nothing: style, script, pictures and curves stand inside it, and its own content security policy
refuses everything else. The same runs give the same bytes. What is shown is computed in this folder's other files;
what it looks like stands in `templates/`, one file a section.
"""

from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup, escape

from scenewise.config import Protocol
from scenewise.errors import ConfigError
from scenewise.files import write_bytes
from scenewise.output_folder import OutputFolder
from scenewise.report.axis import significant
from scenewise.report.colours import ACCENTS, DASHES
from scenewise.report.content import THUMBNAILS, Content, gather
from scenewise.report.curves import Chart
from scenewise.report.manifold import latent_marks
from scenewise.report.novel import brief
from scenewise.report.peaks import Peak
from scenewise.report.videos import ALL_OPEN, Event, normal_ranges
from scenewise.results.rows import ideal_text, share

REPORTS: dict[Protocol, str] = {"strict": "report.html", "published": "report-published.html"}
"""The page's name where none is given, by protocol."""


def write_report(
    runs: Sequence[Path],
    out: Path,
    commands: Sequence[str] = (),
    png: Path | None = None,
    protocol: Protocol = "strict",
) -> Path:
    """Write the page of one or more evaluated run folders to `out`, its pictures into `png`, and return `out`.

    Figures and scores are those of `protocol`. Runs that differ only in their seed are averaged, and `commands` are
    shown before those recorded in the runs. Raises DataError where the runs can not stand in one table, IntegrityError
    where a file of theirs was changed, ConfigError where `png` can not be a folder.
    """
    if png is not None:
        _check_folder(png)
    with OutputFolder(out, "a report").lock():
        content = gather(runs, commands, protocol)
        write_bytes(out, page(content).encode())
        if png is not None:
            # matplotlib takes a second to import, and most reports need none of it.
            from scenewise.report.pictures import write_pictures

            write_pictures(content, png)
    return out


def _check_folder(png: Path) -> None:
    existing = next(path for path in (png, *png.parents) if path.exists())
    if not existing.is_dir():
        raise ConfigError(f"--png {png}: expected a folder for the pictures, but {existing} is a file; name another")


def page(content: Content) -> str:
    """The page as HTML."""
    everything: dict[str, Any] = {
        **vars(content),
        "pictures": content.pictures,
        "latent_marks": latent_marks(content.latent),
        "boxed": max(len(video.objects) for scene in content.scenes for video in scene.videos),
        "remembering": [model.short for model in content.models if model.row.needs_objects],
        "thumbnail_limit": THUMBNAILS,
        "all_open": ALL_OPEN,
    }
    return _templates().get_template("page.html.j2").render(everything)


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
    environment.filters["brief"] = brief
    environment.filters["breakable"] = lambda text: escape(text).replace("/", Markup("/<wbr>"))
    environment.filters["unbroken"] = lambda text: text.replace("-", "\N{NON-BREAKING HYPHEN}")
    environment.globals["ideal_text"] = ideal_text
    environment.globals["read_out"] = _read_out
    environment.globals["normal_ranges"] = normal_ranges
    environment.globals["looks"] = list(zip(ACCENTS, DASHES, strict=True))
    return environment


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
        "events": [asdict(event) for event in events],
        "ranges": ranges,
        "peaks": [{"first": peak.first, "last": peak.last, "frame": peak.frame} for peak in peaks],
    }
