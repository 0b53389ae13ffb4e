"""`scenewise datasets`: the layouts there are, what a folder holds, and splits that are built from other data sets."""

from inspect import cleandoc
from pathlib import Path
from typing import Annotated, Literal

from cyclopts import App, Parameter

from scenewise.cli.app import ConfigFile, Json, app, give
from scenewise.errors import DataError

datasets = App(name="datasets", help="The layouts that data sets are read in; check one; build a split.")
app.command(datasets)


@datasets.command(name="list")
def list_layouts(*, json: Json = False) -> None:
    """Show every layout that is read as it is, with its tree."""
    from scenewise.datasets.layouts import LAYOUTS

    described = {
        name: {"title": layout.TITLE, "source": layout.SOURCE, "tree": cleandoc(layout.__doc__ or "")}
        for name, layout in LAYOUTS.items()
    }
    blocks = [
        "\n".join(filter(None, (name, "=" * len(name), one["source"], one["tree"]))) for name, one in described.items()
    ]
    give(described, "\n\n\n".join(blocks), json)


@datasets.command
def check(
    data: Path,
    /,
    *,
    decode: Annotated[
        bool, Parameter(negative="", help="Decode every frame and read every mask: slow, and finds all damage.")
    ] = False,
    config: ConfigFile = None,
    json: Json = False,
) -> None:
    """Say what a data set is recognised as, count it, and tell everything that does not fit (then exit code 2).

    Parameters
    ----------
    data
        Folder of the data set, as its authors ship it.
    """
    from scenewise.dataset_tools.check import check_dataset, in_lines

    checked = check_dataset(data, decode=decode)
    give(checked.as_json(), "\n".join(in_lines(checked)), json)
    if checked.mismatches:
        first, more = checked.mismatches[0], len(checked.mismatches) - 1
        raise DataError(f"{first.path}: {first.reason}{f' (and {more} more, listed above)' if more else ''}")


@datasets.command
def build(
    split: Literal["shanghaitech-sd"],
    /,
    *,
    official: Annotated[Path, Parameter(name="--from", help="Folder of the official ShanghaiTech Campus.")],
    out: Annotated[Path, Parameter(help="New folder for the split; the footage stays where it is.")],
    link: Annotated[
        bool, Parameter(negative="", help="Also write the tree that published code reads, as symbolic links.")
    ] = False,
    accept_differences: Annotated[
        bool, Parameter(negative="", help="Write it even where its counts are not those published.")
    ] = False,
    config: ConfigFile = None,
    json: Json = False,
) -> None:
    """Build a published split of another data set, and check its counts."""
    from scenewise.dataset_tools.build_shanghaitech_sd import build_shanghaitech_sd, in_lines
    from scenewise.progress import console

    built = build_shanghaitech_sd(official, out, link=link, accept_differences=accept_differences)
    give(built.as_json(), "\n".join([*in_lines(built), f"{split} in {out}"]), json)
    for difference in built.differences:
        console.print(f"not as published: {difference}")
