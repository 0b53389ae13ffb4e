"""What a section of the report is: a Python file, and a template of the same name beside it.

The file has a TITLE and a function `show`; the template, NAME.html.j2, finds in `section` what `show` returned, in
`report` what was read of the runs, and in `frames` the pictures that the section asked for. A new section is these two
files and a line in `sections/__init__.py`.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Protocol

from matplotlib.figure import Figure

from scenewise.report.report_data import Gathered
from scenewise.report.thumbnails import Shot, Thumbnail, thumbnails

Frames = Mapping[Shot, Thumbnail]
"""Frames of the footage, or objects in them, as small pictures."""
Pictures = Mapping[str, Callable[[], Figure]]
"""{name of a file without its ending: what draws it}."""


@dataclass(frozen=True, eq=False)
class Content:
    """What a section shows; each section derives a class from it, with what its template needs."""

    @property
    def shots(self) -> Sequence[Shot]:
        """The frames of the footage that it shows."""
        return ()

    def pictures(self, frames: Frames) -> Pictures:
        """Its pictures for papers; `frames` holds the `shots` of all sections."""
        return {}


class Section(Protocol):
    """A module of `sections/`, or one from elsewhere that has the same."""

    __file__: str | None
    TITLE: str
    """What the page's navigation calls it; empty if it is not listed there. The template's heading has the file's name
    as its id."""

    def show(self, gathered: Gathered) -> Content | None:
        """What it shows; None if these runs have nothing of it."""
        ...


@dataclass(frozen=True, eq=False)
class Part:
    """A section with its content."""

    section: Section
    content: Content

    @property
    def file(self) -> Path:
        """The section's."""
        return Path(str(self.section.__file__))

    @property
    def name(self) -> str:
        """The name of its file, which is also the id of its heading."""
        return self.file.stem

    @property
    def title(self) -> str:
        """As the page's navigation calls it."""
        return self.section.TITLE

    @property
    def template(self) -> Path:
        """The file beside the section's."""
        return self.file.with_name(f"{self.name}.html.j2")


@dataclass(frozen=True, eq=False)
class Report:
    """All that the page and the files show."""

    gathered: Gathered
    parts: list[Part]

    @cached_property
    def frames(self) -> Frames:
        """The frames that the sections show, each video decoded once."""
        return thumbnails(shot for part in self.parts for shot in part.content.shots)


def fill_sections(gathered: Gathered, sections: Sequence[Section]) -> Report:
    """Ask every section what it shows of the runs; those without anything to show are left out."""
    contents = [(section, section.show(gathered)) for section in sections]
    return Report(gathered, [Part(section, content) for section, content in contents if content is not None])
