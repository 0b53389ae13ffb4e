"""What another precision of the encoder changes in a run's scores of held-out normal footage.

    python benchmarks/score_change.py RUN OTHER

RUN and OTHER are trained alike, on features of the same footage, such as one by `extract --precision float32` and one
by int8. Both hold the scores of the same normal frames, by what the rest of their footage teaches. Prints for each
scene, on each run's own scene scale (1 is the 99th percentile of normal scores): the rank correlation of the scores,
the median and the 99th percentile of their differences, and of the frames above 1 in either run the share that is above
it in both. Two seeds of a method that draws at random differ too: compare with those.
"""

import argparse
import sys
from pathlib import Path
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray
from scipy.stats import spearmanr

from scenewise.runs.run import Run, open_run
from scenewise.scoring.calibration import read_calibration


class Change(NamedTuple):
    """Of one scene's normal scores."""

    correlation: float
    median: float
    q99: float
    agreed: float
    """Share of the frames above 1 in either run; nan if there are none."""


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("run", type=Path)
    parser.add_argument("other", type=Path)
    arguments = parser.parse_args()
    first, second = open_run(arguments.run), open_run(arguments.other)
    if first.scenes != second.scenes or first.method_name != second.method_name:
        print(f"{arguments.other}: expected a run of the same method and scenes as {arguments.run}")
        return 2
    print(f"{'scene':20s} {'frames':>7s} {'correlation':>12s} {'median':>8s} {'99 %':>8s} {'above 1 in both':>16s}")
    for scene, (one, another) in normal_scores(first, second).items():
        if len(one) != len(another):
            print(f"{scene}: the runs know different footage ({len(one)} and {len(another)} normal frames)")
            return 2
        found = change(one, another)
        figures = f"{found.correlation:12.3f} {found.median:8.3f} {found.q99:8.3f} {found.agreed:16.2f}"
        print(f"{scene:20s} {len(one):7d} {figures}")
    return 0


def normal_scores(*runs: Run) -> dict[str, list[NDArray[np.float32]]]:
    """{scene: the normal scores of each run}, on their scene scales."""
    found = [read_calibration(run.folder, run.scenes) for run in runs]
    return {
        scene: [np.concatenate([part.scores for part in one.normal_scores(scene)]) for one in found]
        for scene in runs[0].scenes
    }


def change(one: NDArray[np.float32], another: NDArray[np.float32]) -> Change:
    """How far two scores (N,) of the same frames differ."""
    apart = np.abs(one - another)
    either = (one > 1) | (another > 1)
    agreed = float(((one > 1) & (another > 1)).sum() / either.sum()) if either.any() else float("nan")
    return Change(float(spearmanr(one, another)[0]), float(np.median(apart)), float(np.quantile(apart, 0.99)), agreed)


if __name__ == "__main__":
    sys.exit(main())
