"""`scenewise try` and `scenewise split`: for recordings as cameras leave them."""

import re
import sys
import webbrowser
from pathlib import Path
from typing import Annotated

from cyclopts import Parameter

from scenewise.cli.app import ConfigFile, Flat, Json, app, command_line, give
from scenewise.cli.default_out import said
from scenewise.cli.require_there import require_folder
from scenewise.config import SplitConfig, TryConfig
from scenewise.counted import counted
from scenewise.errors import ConfigError


@app.command(name="try")
def try_(
    folder: Path,
    /,
    *,
    out: Path | None = None,
    settings: Annotated[TryConfig, Flat] = TryConfig(),  # noqa: B008  frozen, and its defaults show in --help
    open_page: Annotated[
        bool, Parameter(name="--open", help="Open the page in a browser at the end.", negative="--no-open")
    ] = True,
    config: ConfigFile = None,
    json: Json = False,
) -> None:
    """From a folder of recordings to what is worth a look: learn from the earlier ones, score the later ones.

    Parameters
    ----------
    folder
        Recordings without labels: a folder for each camera, or files named after their cameras; or one recording.
    out
        Folder to write to; by default scenewise-NAME in the current folder.
    """
    require_folder(folder, "a folder of recordings, or a recording")
    from scenewise.inference.score_videos import in_lines
    from scenewise.try_recordings import try_recordings

    out = said(Path(f"scenewise-{folder.resolve().stem}")) if out is None else out
    tried = try_recordings(folder, out, settings, [command_line()])
    give(tried.as_json(), in_lines(tried.scored), json)
    if open_page and not json and sys.stdout.isatty() and tried.scored.page:
        webbrowser.open(tried.scored.page.resolve().as_uri())


@app.command(usage="Usage: scenewise split --out PATH [OPTIONS] RECORDINGS...")
def split(
    *recordings: Annotated[Path, Parameter(help="Recordings, or folders of recordings, sorted by camera.")],
    out: Path,
    scene: Annotated[
        str | None, Parameter(help="The scene that all of them show; by default sorted by folders and names.")
    ] = None,
    settings: Annotated[SplitConfig, Flat] = SplitConfig(),  # noqa: B008
    config: ConfigFile = None,
    json: Json = False,
) -> None:
    """Cut recordings in time, into a data set: earlier footage to learn from, later footage to score.

    Parameters
    ----------
    out
        Folder to write to: a dataset.json, which `extract` reads, and the parts of recordings that were cut.
    """
    if not recordings:
        raise ConfigError("split: expected at least one recording, or a folder of recordings")
    if scene is not None and not re.fullmatch(r"[^/\\\x00-\x1f.][^/\\\x00-\x1f]*", scene):
        raise ConfigError(f"--scene {scene}: expected a name that can be a folder's, without slashes or a leading dot")
    for given in recordings:
        require_folder(given, "a recording, or a folder of recordings")
    from scenewise.clock import duration
    from scenewise.recordings.cameras import Cameras, sort_by_camera
    from scenewise.recordings.split import split as make

    cameras: Cameras = {}
    for given in recordings:
        for name, found in sort_by_camera(given).items():
            cameras.setdefault(scene or name, []).extend(found)
    made = make(cameras, out, settings)
    lines = [
        f"{one.name}: {duration(one.learn_seconds)} to learn from ({counted(one.learn_videos, 'video')}), "
        f"{duration(one.score_seconds)} to score ({one.score_videos})"
        for one in made
    ]
    lines.append(f"next: scenewise extract {out} --split train")
    give({"out": str(out), "cameras": [vars(one) for one in made]}, lines, json)
