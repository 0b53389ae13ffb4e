"""The report's pictures as files for papers: PNG at 200 dots an inch, and SVG.

DIR/
├── table.png, .svg
├── comparison_CLASS.png, .svg       if a class of event is normal in one scene and abnormal in another
├── roc_SCENE.png, .svg              if the scene has normal and abnormal frames
├── histogram_SCENE.png, .svg        if it has labelled frames
├── curve_SCENE_VIDEO.png, .svg
├── latent_MODEL.png, .svg           if the model has a latent space, and its features and weights are still there
├── training.png, .svg               if a run has a log
└── SHA256SUMS
"""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import matplotlib as mpl
from matplotlib.figure import Figure
from matplotlib.text import Text
from matplotlib.typing import RcKeyType

from scenewise.checksums import record_checksums, require_written
from scenewise.files import require_there, whole_file
from scenewise.progress import progress
from scenewise.report.section import Report
from scenewise.visible import visible, visible_lines

DPI = 200
STYLE: dict[RcKeyType, Any] = {
    "font.size": 8,
    "axes.titlesize": 8,
    "axes.spines.top": False,
    "axes.spines.right": False,
    "lines.linewidth": 1.2,
    "hatch.linewidth": 0.5,
    "legend.frameon": False,
    "legend.fontsize": 7.5,
    "text.parse_math": False,  # names of scenes are text, with a dollar sign too
    "svg.fonttype": "path",  # the same on machines without the font
    "svg.hashsalt": "scenewise",  # the same content gives the same bytes
}


def write_pictures(report: Report, folder: Path) -> list[Path]:
    """Write every picture into `folder` as PNG and SVG, each whole or not at all; returns the files' paths."""
    wanted: dict[str, Callable[[], Figure]] = {}
    for part in report.parts:
        wanted |= part.content.pictures(report.frames)
    written = []
    with mpl.rc_context(mpl.rcParamsDefault), mpl.rc_context(STYLE), progress() as bar:
        for name, draw in bar.track(wanted.items(), total=len(wanted), description="pictures"):
            written += _write(folder, name, draw())
    require_there(written)
    record_checksums(folder, [path.name for path in written])
    require_written(folder, [path.name for path in written])
    return written


def write_picture(folder: Path, name: str, draw: Callable[[], Figure]) -> list[Path]:
    """Write what `draw` draws into `folder` as NAME.png and NAME.svg, in the report's style; returns their paths."""
    with mpl.rc_context(mpl.rcParamsDefault), mpl.rc_context(STYLE):
        return _write(folder, name, draw())


def _write(folder: Path, name: str, figure: Figure) -> list[Path]:
    for text in figure.findobj(Text):
        text.set_text(visible_lines(text.get_text()))
    paths = []
    # A class of event is any text; in a file's name its slashes would be folders.
    for suffix, metadata in ((".png", {"Title": visible(name)}), (".svg", {"Title": visible(name), "Date": None})):
        path = folder / f"{name.replace('/', '-')}{suffix}"
        with whole_file(path) as temporary:
            figure.savefig(temporary, dpi=DPI, metadata=metadata)
        paths.append(path)
    return paths
