"""The documents tell the truth about the tree."""

import re
from pathlib import Path

import scenewise

PACKAGE = Path(scenewise.__file__).parent
ROOT = PACKAGE.parents[1]


def test_the_map_names_nothing_that_is_gone() -> None:
    text = (ROOT / "docs" / "architecture.md").read_text()
    named = set(re.findall(r"`((?:[\w.]+/)*[\w]+\.py|(?:\w+/)+)`", text))
    gone = {name for name in named if not (PACKAGE / name).exists() and not (ROOT / name).exists()}
    assert named and not gone


def test_links_between_documents_lead_somewhere() -> None:
    for page in [ROOT / "README.md", *(ROOT / "docs").rglob("*.md")]:
        for target in re.findall(r"\]\((?!https?://|#)([^)#]+)", page.read_text()):
            assert (page.parent / target).exists(), f"{page.name} links to {target}"
