"""docs/performance.md, all of it, from benchmarks/results.json."""

from collections.abc import Mapping
from typing import Any

HEAD = """# Performance

`make benchmark` measures these figures and writes this page. Each ratio compares two ways of doing the same in one run,
in turn, so that both meet the same machine; medians of several runs. The plain code is in the scripts themselves
(`benchmarks/performance/`), as one writes it first: one frame a call in float32, one HDF5 data set a frame, one segment
a call, one object a call. Processor seconds add up all threads, so that they mean the same on a busy machine.

A vision tower's figures are those of `benchmarks/towers.py`, and a graphics card's of `benchmarks/gpu.py`:
[precision and speed of a tower](encoders.md).

"""


def page(results: Mapping[str, Any]) -> str:
    """The page of `results` {part: {date, machine, figures}}."""
    text = HEAD
    for part in results.values():
        text += f"Measured on {part['date']}: {part['machine']}.\n\n"
        text += "| figure | compared with | measured | goal | |\n|---|---|---:|---|---|\n"
        for figure in part["figures"]:
            met = {True: "reached", False: "**not reached**", None: ""}[figure["reached"]]
            value = f"{figure['value']:.3g} {figure['unit']}"
            note = f"; {figure['note']}" if figure["note"] else ""
            text += f"| {figure['what']} | {figure['plain']} | {value}{note} | {figure['goal']} | {met} |\n"
        text += "\n"
    return text
