"""Blocks of the feature store: the features of consecutive frames of one video, in one file that is whole or absent."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from safetensors.numpy import save as save_tensors

from scenewise.checksums import check, reading, record_checksums
from scenewise.errors import IntegrityError
from scenewise.files import write_bytes
from scenewise.formats.json_text import Form, parse_json, require_form
from scenewise.formats.tensors import metadata_of, parse_tensors, require_indices, require_tensors, tensor
from scenewise.objects.object_table import Objects

FORMAT = 1
EXTRACT_AGAIN = "extract it again"
FORMS = {
    "features": tensor("float16", "frames", "width", finite=False),  # see `require_finite`, which names the frame
    "timestamps": tensor("float64", "frames"),
    "lost": tensor("uint8", "frames"),
    "regions": tensor("float16", "frames", "regions", "region width", finite=False, optional=True),
}
OBJECT_FORMS = {
    "objects.frame": tensor("int32", "objects"),
    "objects.box": tensor("float32", "objects", 4),
    "objects.area": tensor("float32", "objects"),
    "objects.speed": tensor("float32", "objects", 3, finite=False),
    "objects.centre": tensor("float32", "objects", 2),
    "objects.track": tensor("int32", "objects"),
    "objects.features": tensor("float16", "objects", "object width", finite=False),
}
"""The columns of `Objects`."""


class _Header(Form):
    format: int
    first: int


@dataclass(frozen=True)
class Block:
    """Features of n consecutive frames of one video."""

    first: int
    features: NDArray[np.float16]
    timestamps: NDArray[np.float64]
    lost: NDArray[np.uint8]
    regions: NDArray[np.float16] | None = None
    objects: Objects | None = None
    """The objects of these frames; None where none were looked for."""

    @property
    def name(self) -> str:
        """Its file's name."""
        return block_name(self.first)


def block_name(first: int) -> str:
    """The file of the block whose first frame is number `first`."""
    return f"{first:06d}.safetensors"


def write_block(folder: Path, block: Block, made_from: dict[str, Any]) -> None:
    """Write one block, whole or not at all; `made_from` (encoder's digest, source's signature) goes with it."""
    tensors: dict[str, NDArray[Any]] = {"features": block.features, "timestamps": block.timestamps, "lost": block.lost}
    if block.regions is not None:
        tensors["regions"] = block.regions
    if block.objects is not None:
        tensors |= block.objects.as_tensors()
    # One key: safetensors writes several in random order, and the bytes would differ from run to run.
    metadata = {"scenewise": json.dumps({"format": FORMAT, "first": block.first, **made_from}, sort_keys=True)}
    write_bytes(folder / block.name, save_tensors(tensors, metadata))
    record_checksums(folder, [block.name])


def read_block(path: Path, lengths: Mapping[str, int] | None = None) -> tuple[Block, dict[str, Any]]:
    """A checked block and what it was made from.

    `lengths` are those that are known of its axes: frames, width, regions, region width, object width. Raises
    IntegrityError, naming the file, if it has others, or if anything else in it is not as `write_block` writes it.
    """
    content = check(path).read_bytes()
    with reading(path, EXTRACT_AGAIN):
        tensors = parse_tensors(content)
        made_from = parse_json(metadata_of(content).encode("utf-8", "surrogatepass"))
        require_form(made_from, _Header)
        if made_from.pop("format") > FORMAT:
            raise IntegrityError(f"{path}: written by a newer Scenewise; use that one, or extract again")
        first = made_from.pop("first")
        found = require_tensors(tensors, FORMS, lengths)
        if block_name(first) != path.name or not found["frames"]:
            raise ValueError(f"it holds {found['frames']} frames from {first} on")
        columns = tensors["features"], tensors["timestamps"], tensors["lost"], tensors.get("regions")
        objects = None
        if "objects.frame" in tensors:
            require_tensors(tensors, OBJECT_FORMS, lengths)
            require_indices("objects.frame", tensors["objects.frame"], first + found["frames"], first)
            if (np.diff(tensors["objects.frame"]) < 0).any():
                raise ValueError("its objects are not in the order of frames")
            objects = Objects.from_tensors(tensors)
        return Block(first, *columns, objects), made_from


def require_finite(features: NDArray[np.float16], first: int, path: Path) -> None:
    """Raise IntegrityError, naming the frame, where features (n, D) from frame `first` on are not all finite."""
    finite = np.isfinite(features).all(axis=1)
    if not finite.all():
        frame = first + int(finite.argmin())
        raise IntegrityError(f"{path}: features of frame {frame} are not finite numbers; extract the video again")
