"""`scenewise datasets`: list the known layouts, check a folder, and build a split of another data set."""

from inspect import cleandoc
from pathlib import Path
from typing import Annotated, Literal

from cyclopts import App, Parameter

from scenewise.cli.app import ConfigFile, Json, app, give
from scenewise.cli.require_there import require_folder
from scenewise.config.limits import MAX_PIXELS
from scenewise.errors import DataError

datasets = App(name="datasets", help="List the known layouts of data sets, check a data set, build a split.")
app.command(datasets)


@datasets.command(name="list")
def list_layouts(*, json: Json = False) -> None:
    """Show every layout of a data set that can be read as it is, with its tree of files."""
    from scenewise.datasets.layouts import LAYOUTS

    described = {
        name: {"title": layout.TITLE, "source": layout.SOURCE, "tree": cleandoc(layout.__doc__ or "")}
        for name, layout in LAYOUTS.items()
    }
    blocks = [
        "\n".join(filter(None, (name, "=" * len(name), one["source"], one["tree"]))) for name, one in described.items()
    ]
    give(described, "\n\n\n".join(blocks).split("\n"), json)


@datasets.command
def check(
    data: Path,
    /,
    *,
    decode: Annotated[
        bool, Parameter(negative="", help="Also decode every frame and read every mask: slow, but finds all damage.")
    ] = False,
    max_pixels: Annotated[int, Parameter(help="Refuse videos whose pictures have more pixels than this.")] = MAX_PIXELS,
    config: ConfigFile = None,
    json: Json = False,
) -> None:
    """Name the layout of a data set, count what it holds, and list what does not fit (then exit code 2).

    Parameters
    ----------
    data
        Folder of the data set, as its authors distribute it.
    """
    require_folder(data, "the folder of a data set")
    from scenewise.dataset_tools.check import check_dataset, in_lines

    checked = check_dataset(data, decode=decode, max_pixels=max_pixels)
    give(checked.as_json(), [*in_lines(checked)], json)
    if checked.mismatches:
        first, more = checked.mismatches[0], len(checked.mismatches) - 1
        raise DataError(f"{first.path}: {first.reason}{f' (and {more} more, listed above)' if more else ''}")


@datasets.command
def build(
    split: Literal["shanghaitech-sd"],
    /,
    *,
    official: Annotated[Path, Parameter(name="--from", help="Folder of the official ShanghaiTech Campus data.")],
    out: Annotated[Path, Parameter(help="New folder to write the split to; the footage stays where it is.")],
    link: Annotated[
        bool, Parameter(negative="", help="Also write the folders that published code reads, as symbolic links.")
    ] = False,
    accept_differences: Annotated[
        bool, Parameter(negative="", help="Write the split even if its counts differ from the published ones.")
    ] = False,
    config: ConfigFile = None,
    json: Json = False,
) -> None:
    """Build a published split of another data set, and compare its counts with the published ones."""
    from scenewise.dataset_tools.build_shanghaitech_sd import build_shanghaitech_sd, in_lines
    from scenewise.progress import say

    built = build_shanghaitech_sd(official, out, link=link, accept_differences=accept_differences)
    give(built.as_json(), [*in_lines(built), f"{split} in {out}"], json)
    for difference in built.differences:
        say(f"not as published: {difference}")
