"""The benchmark's table as files: one in each format."""

from pathlib import Path

from scenewise.files import record_checksums, write_bytes, write_json
from scenewise.results.as_csv import as_csv
from scenewise.results.as_html import as_html
from scenewise.results.as_json import as_json
from scenewise.results.as_latex import as_latex
from scenewise.results.as_markdown import as_markdown
from scenewise.results.table import Table


def write_tables(table: Table, stem: Path, report: Path) -> list[Path]:
    """Write STEM.html, .md, .csv, .tex and .json, and return their paths; `report` is the page to link beside it.

    SHA256SUMS beside them covers them and the report.
    """
    shown = table.for_benchmark()
    texts = {
        "html": as_html(shown, report.name),
        "md": as_markdown(shown),
        "csv": as_csv(shown),
        "tex": as_latex(shown),
    }
    paths = [stem.with_name(f"{stem.name}.{suffix}") for suffix in (*texts, "json")]
    for path, text in zip(paths, texts.values(), strict=False):
        write_bytes(path, text.encode())
    write_json(paths[-1], as_json(shown))
    record_checksums(stem.parent, [path.name for path in (*paths, report)])
    return paths
