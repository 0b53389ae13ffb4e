"""What the speed is, measured here and now: `make benchmark`, or in benchmarks/ `python -m performance [PART...]`.

Runs every part, or those that are named, and writes benchmarks/results.json and
docs/performance.md. Parts that are not run keep the figures that they had, each with its date and machine. Run it on a
machine that does nothing else.
"""

import argparse
import json
import sys
import tempfile
import time
from collections.abc import Callable
from dataclasses import asdict
from pathlib import Path
from typing import Any

from encoders import machine
from performance import extraction, growth, motion, scoring, train_step
from performance.figure import Figure
from performance.page import page
from scenewise.config import StreetConfig
from scenewise.street import render_street

HERE = Path(__file__).resolve().parent
RESULTS, PAGE = HERE.parent / "results.json", HERE.parent.parent / "docs" / "performance.md"
STREET = StreetConfig(videos=4, frames=100)
PARTS: dict[str, Callable[[Path], list[Figure]]] = {
    "extract": extraction.measure,
    "motion-grid": motion.measure,
    "training": lambda street: train_step.measure(),
    "scoring": lambda street: scoring.measure(),
    "fitting": growth.fitting,
    "recordings": lambda street: growth.recordings(),
}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("parts", nargs="*", metavar="PART", help=f"of {', '.join(PARTS)}; default all")
    parser.add_argument("--street", type=Path, help="a street that `scenewise street` rendered, instead of a new one")
    arguments = parser.parse_args()
    unknown = set(arguments.parts) - set(PARTS)
    if unknown:
        parser.error(f"expected parts among {', '.join(PARTS)}, got {', '.join(sorted(unknown))}")
    results: dict[str, Any] = json.loads(RESULTS.read_text()) if RESULTS.is_file() else {}
    with tempfile.TemporaryDirectory() as folder:
        street = arguments.street or Path(folder) / "street"
        if arguments.street is None:
            render_street(street, STREET)
        for name in arguments.parts or PARTS:
            print(f"{name} ...", file=sys.stderr, flush=True)
            figures = PARTS[name](street)
            for figure in figures:
                print(f"  {figure.what}: {figure.value:.3g} {figure.unit} {figure.note}", file=sys.stderr, flush=True)
            results[name] = {
                "date": time.strftime("%Y-%m-%d"),
                "machine": machine(),
                "figures": [asdict(figure) for figure in figures],
            }
            RESULTS.write_text(json.dumps(results, indent=1) + "\n")
            PAGE.write_text(page(results))


if __name__ == "__main__":
    main()
