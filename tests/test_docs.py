"""The documents tell the truth about the tree."""

import re
from pathlib import Path

import scenewise

PACKAGE = Path(scenewise.__file__).parent
ROOT = PACKAGE.parents[1]


def test_the_map_names_every_file_and_no_other() -> None:
    text = (ROOT / "docs" / "architecture.md").read_text()
    named: set[str] = set()
    for line in text.splitlines():
        if line.startswith("| `"):
            folder = ""
            for name in re.findall(r"`([\w/]+\.py)`", line.split("|")[1]):
                folder = f"{name.rpartition('/')[0]}/" if "/" in name else folder
                named.add(name if "/" in name else folder + name)
    there = {path.relative_to(PACKAGE).as_posix() for path in PACKAGE.rglob("*.py")}
    there -= {name for name in there if name.endswith(("__init__.py", "__main__.py"))}
    assert named == there


def test_links_between_documents_lead_somewhere() -> None:
    for page in [ROOT / "README.md", *(ROOT / "docs").rglob("*.md")]:
        for target in re.findall(r"\]\((?!https?://|#)([^)#]+)", page.read_text()):
            assert (page.parent / target).exists(), f"{page.name} links to {target}"
