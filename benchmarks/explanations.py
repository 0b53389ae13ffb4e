"""Are explanations right? On evaluated runs of rendered streets: which part spoke, and which other scene is named.

python benchmarks/explanations.py STREET RUN [STREET RUN ...]

Counted are flagged tracks on the labelled boxes of abnormal events. A scene that is named is right if the event's class
is normal in it.
"""

import argparse
import json
from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from scenewise.evaluation.folder import read_objects
from scenewise.evaluation.object_scores import ObjectScores

OVERLAP, FRAMES = 0.4, 3
"""A track is that of a labelled thing if it shares so much of its box, intersection over union, in so many frames."""


def overlap(one: NDArray[Any], other: NDArray[Any]) -> float:
    """Intersection over union of two boxes."""
    sides = np.maximum(np.minimum(one[2:], other[2:]) - np.maximum(one[:2], other[:2]), 0)
    shared = float(sides.prod())
    return shared / float((one[2:] - one[:2]).prod() + (other[2:] - other[:2]).prod() - shared)


def flagged(objects: ObjectScores, event: dict[str, Any]) -> Iterator[int]:
    """The highest row of each flagged track on the event's boxes."""
    labelled = np.array(event["boxes"], float)
    rows = defaultdict(list)
    for row in np.flatnonzero((objects.frame >= labelled[0, 0]) & (objects.frame <= labelled[-1, 0])):
        box = np.array([np.interp(objects.frame[row], labelled[:, 0], edge) for edge in labelled.T[1:]])
        if overlap(box, objects.box[row]) > OVERLAP:
            rows[int(objects.track[row])].append(int(row))
    for found in rows.values():
        best = max(found, key=lambda row: float(objects.score[row]))
        if len(found) >= FRAMES and objects.score[best] > 1:
            yield best


def main() -> None:
    """Print a line for each class."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("paths", nargs="+", type=Path, metavar="STREET RUN")
    paths = parser.parse_args().paths
    told: dict[str, list[tuple[bool, bool | None, str]]] = defaultdict(list)
    for street, run in zip(paths[::2], paths[1::2], strict=True):
        scenes = json.loads((street / "dataset.json").read_text())["scenes"]
        for file in sorted(street.glob("labels/*/*.events.json")):
            scene = file.parent.name
            objects = read_objects(run / "evaluation", f"{scene}_{file.name.partition('.')[0]}")
            assert objects is not None, "the method scores no objects"
            for event in json.loads(file.read_text()):
                name = event["class"]
                allowed = {other for other, rules in scenes.items() if name in rules["normal_classes"]} - {scene}
                for row in flagged(objects, event) if event["abnormal"] and event.get("boxes") else ():
                    elsewhere = objects.normal_elsewhere(row)
                    right = None if elsewhere is None else elsewhere.scene in allowed
                    part = max(objects.parts_of(row), key=lambda one: one[1], default=("", 0.0))[0]
                    told[name].append((bool(allowed), right, part))
    for name, tracks in sorted(told.items()):
        named = [right for _, right, _ in tracks if right is not None]
        parts = [part for _, _, part in tracks]
        largest = ", ".join(f"{part} {parts.count(part)}" for part in sorted(set(parts)))
        print(
            f"{name}: {len(tracks)} tracks, {sum(one for one, _, _ in tracks)} normal somewhere else; "
            f"scene named {len(named)}, right {sum(named)}; largest part: {largest}"
        )


if __name__ == "__main__":
    main()
