"""The report's pictures as files for papers: PNG at 200 dots an inch, and SVG.

DIR/
├── table.png, .svg
├── comparison_CLASS.png, .svg       where a class of event is normal in one scene and abnormal in another
├── roc_SCENE.png, .svg              where the scene has normal and abnormal frames
├── histogram_SCENE.png, .svg        where it has labelled frames
├── curve_SCENE_VIDEO.png, .svg
├── latent_MODEL.png, .svg           where the model's features and weights are still there
├── training.png, .svg
└── SHA256SUMS
"""

import re
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path
from typing import Any

import matplotlib as mpl
from matplotlib.figure import Figure
from matplotlib.typing import RcKeyType

from scenewise.files import record_checksums, whole_file
from scenewise.progress import progress
from scenewise.report.content import Content
from scenewise.report.draw import draw_comparison, draw_histograms, draw_roc, draw_training, draw_video
from scenewise.report.draw_latent import draw_latent
from scenewise.report.draw_table import draw_table
from scenewise.report.manifold import latent_marks
from scenewise.report.videos import in_scene_scale

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
    "svg.fonttype": "path",  # looks the same where the font is not installed
    "svg.hashsalt": "scenewise",  # the same content gives the same bytes
}


def write_pictures(content: Content, folder: Path) -> list[Path]:
    """Write every picture into `folder` as PNG and SVG, each whole or not at all; returns the files' paths."""
    wanted = list(_pictures(content))
    written = []
    with mpl.rc_context(mpl.rcParamsDefault), mpl.rc_context(STYLE), progress() as bar:
        for name, draw in bar.track(wanted, description="pictures"):
            written += _write(folder, name, draw())
    record_checksums(folder, [path.name for path in written])
    return written


def _pictures(content: Content) -> Iterator[tuple[str, Callable[[], Figure]]]:
    scaled = in_scene_scale(content.models)
    yield "table", partial(draw_table, content)
    for one in content.comparisons:
        frames = [content.pictures[exhibit.picture] for exhibit in (one.allowed, one.forbidden)]
        yield f"comparison_{one.name}", partial(draw_comparison, one, frames, in_scene_scale=scaled)
    for scene in content.distributions:
        if scene.roc is not None:
            yield f"roc_{scene.scene}", partial(draw_roc, scene, scene.roc)
        if scene.histograms:
            yield f"histogram_{scene.scene}", partial(draw_histograms, scene, in_scene_scale=scaled)
    for view in content.scenes:
        for video in view.videos:
            yield f"curve_{video.scene}_{video.name}", partial(draw_video, video, in_scene_scale=scaled)
    marks = latent_marks(content.latent)
    for space in content.latent:
        if space.manifold is not None:
            # A model's name is a list of its settings, with commas and brackets.
            name = re.sub(r"[^\w.+]+", "-", space.model.short).strip("-")
            yield (
                f"latent_{name}",
                partial(draw_latent, space.manifold, f"{space.model.short}, seed {space.seed}", marks),
            )
    if content.training:
        yield "training", partial(draw_training, content.training)


def _write(folder: Path, name: str, figure: Figure) -> list[Path]:
    paths = []
    # A class of event is any text; in a file's name its slashes would be folders.
    for suffix, metadata in ((".png", {"Title": name}), (".svg", {"Title": name, "Date": None})):
        path = folder / f"{name.replace('/', '-')}{suffix}"
        with whole_file(path) as temporary:
            figure.savefig(temporary, dpi=DPI, metadata=metadata)
        paths.append(path)
    return paths
