"""The sections of the report, in their order: each is one file, with its template beside it."""

from scenewise.report.section import Section
from scenewise.report.sections import (
    comparison,
    distributions,
    findings,
    first_screen,
    latent_space,
    provenance,
    table,
    training,
    videos,
)

SECTIONS: list[Section] = [
    first_screen,
    table,
    findings,
    comparison,
    distributions,
    videos,
    latent_space,
    training,
    provenance,
]
