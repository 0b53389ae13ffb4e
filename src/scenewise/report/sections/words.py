"""What the page's words mean; terms everywhere on the page link here."""

from dataclasses import dataclass, field

from scenewise.report.report_data import Gathered
from scenewise.report.section import Content
from scenewise.report.words import WORDS, address

TITLE = "Words"


@dataclass(frozen=True, eq=False)
class WordsContent(Content):
    """The glossary."""

    words: dict[str, tuple[str, str]] = field(
        default_factory=lambda: {address(word): (word, meaning) for word, meaning in WORDS.items()}
    )
    """{address in the page: (word, what it means)}."""


def show(gathered: Gathered) -> WordsContent:
    """All words, whatever the runs."""
    return WordsContent()
