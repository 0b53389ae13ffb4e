"""The sections of the report, in their order: each is one file, with its template beside it."""

from scenewise.report.section import Section
from scenewise.report.sections import (
    comparison,
    distributions,
    findings,
    first_screen,
    latent_space,
    memory,
    moments,
    provenance,
    table,
    training,
    videos,
    words,
)

SECTIONS: list[Section] = [
    first_screen,
    moments,
    table,
    findings,
    comparison,
    distributions,
    videos,
    memory,
    latent_space,
    training,
    provenance,
    words,
]
