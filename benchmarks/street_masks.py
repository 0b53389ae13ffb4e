"""Pixel masks for a rendered street: the boxes of its abnormal events, so that maps and boxes can be evaluated on it.

    scenewise street STREET --videos 5 --frames 150 --size 480x270 --seed 103
    python benchmarks/street_masks.py STREET 480x270
    scenewise extract STREET --out FEATURES --encoder efficientnet-lite0 --regions 7x7

Writes STREET/masks/SCENE_VIDEO.npy (N, H, W) of each test video, and a dataset.json that names them beside everything
else. `scenewise evaluate` then prints RBDC, TBDC and the AUC over pixels of a run on these features.
"""

import argparse
import json
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("street", type=Path)
    parser.add_argument("size", help="width x height of its pictures")
    given = parser.parse_args()
    width, height = map(int, given.size.split("x"))
    (given.street / "masks").mkdir(exist_ok=True)
    videos = [
        _video(given.street, path, (height, width))
        for split in ("train", "test")
        for path in sorted((given.street / split).glob("*/*.mp4"))
    ]
    (given.street / "dataset.json").write_text(json.dumps({"format": 1, "videos": videos}, indent=1))
    print(f"{sum('masks' in video for video in videos)} test videos with masks")


def _video(street: Path, path: Path, size: tuple[int, int]) -> dict[str, Any]:
    """A video of dataset.json; of a test video the masks are written."""
    split, scene, name = path.relative_to(street).with_suffix("").parts
    video = {"scene": scene, "name": name, "split": split, "path": f"{split}/{scene}/{path.name}"}
    if split == "train":
        return video
    labels, events = f"labels/{scene}/{name}.npy", f"labels/{scene}/{name}.events.json"
    masks = masks_of(np.load(street / labels) > 0, json.loads((street / events).read_text()), size)
    np.save(street / "masks" / f"{scene}_{name}.npy", masks)
    return {**video, "labels": labels, "events": events, "masks": f"masks/{scene}_{name}.npy"}


def masks_of(labels: NDArray[np.bool_], events: list[dict[str, Any]], size: tuple[int, int]) -> NDArray[np.uint8]:
    """(N, H, W) 1 inside the box of an abnormal event; boxes between those that are stated are interpolated."""
    height, width = size
    masks = np.zeros((len(labels), height, width), np.uint8)
    for event in (event for event in events if event["abnormal"]):
        boxes = np.array(event["boxes"])  # frame, left, top, right, bottom
        for frame in range(event["first_frame"], event["last_frame"] + 1):
            left, top, right, bottom = (np.interp(frame, boxes[:, 0], boxes[:, side]) for side in range(1, 5))
            rows = slice(int(top * height), int(np.ceil(bottom * height)))
            masks[frame, rows, int(left * width) : int(np.ceil(right * width))] = 1
    masks[~labels] = 0
    return masks


if __name__ == "__main__":
    main()
