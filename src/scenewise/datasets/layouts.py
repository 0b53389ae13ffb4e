"""The layouts of data sets, in the order in which they are tried. A layout is a module."""

import re
from pathlib import Path
from typing import Protocol

from scenewise.datasets import (
    avenue,
    dataset_json,
    generic,
    nwpu,
    repackaged,
    shanghaitech,
    shanghaitech_sd,
    street_scene,
    ubnormal,
    ucsd,
)
from scenewise.datasets.manifest import Dataset


class Layout(Protocol):
    """One layout of data sets on disk. The module's docstring names the paper and draws the tree."""

    @property
    def TITLE(self) -> str:  # noqa: N802  a module's constant
        """The data set's name for people."""

    @property
    def SOURCE(self) -> str | None:  # noqa: N802
        """Where its authors publish it."""

    __doc__: str | None

    def recognise(self, root: Path, /) -> bool:
        """Whether `root` holds this layout, judging by names alone; never raises, opens nothing."""

    def read(self, root: Path, /) -> Dataset:
        """The data set in a folder that `recognise` accepts. Raises DataError."""


LAYOUTS: dict[str, Layout] = {
    "dataset.json": dataset_json,
    "shanghaitech": shanghaitech,
    "shanghaitech-sd": shanghaitech_sd,
    "nwpu-campus": nwpu,
    "ucsd": ucsd,
    "repackaged": repackaged,
    "avenue": avenue,
    "ubnormal": ubnormal,
    "street-scene": street_scene,
    "generic": generic,
}


def drawn_folders(layout: Layout) -> set[str]:
    """The names of the folders in the layout's drawing, such as `train`."""
    return set(re.findall(r"\w+(?=/)", layout.__doc__ or ""))
