"""RUN/thumbnails.safetensors: small pictures of normal examples, to be shown where the training videos are gone.

pictures     (b,) uint8 JPEG files, one after the other
ends         (k,) int64 where each of the k pictures ends
rows         (k,) int32 which example of its memory each shows
N/alike      (n,) uint16 for each example of the memory number N: the picture of it, or of the one most alike

Its metadata holds the number of each scene's memory; scenes may share one.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Annotated, Any, NamedTuple

import numpy as np
from numpy.typing import NDArray
from pydantic import Field
from safetensors.numpy import save as save_tensors

from scenewise.checksums import check, reading, recorded_checksums
from scenewise.errors import IntegrityError
from scenewise.formats.json_text import Form, parse_json, require_form
from scenewise.formats.pictures import parse_jpeg
from scenewise.formats.tensors import metadata_of, parse_tensors, require_indices, require_tensors, tensor
from scenewise.methods.scores import NormalExample
from scenewise.video.decode import Frame

FORMAT = 1
THUMBNAILS = "thumbnails.safetensors"
MOST_MEMORIES = 100_000
FORMS = {"pictures": tensor("uint8", "bytes"), "ends": tensor("int64", "count"), "rows": tensor("int32", "count")}


class KeptPicture(NamedTuple):
    """A picture of a normal example that travels with the run."""

    jpeg: bytes
    """Of an object in the middle of a square, or where the picture's edge is near, at its side."""
    similar: bool
    """It shows not the example itself but the one most alike of those that have a picture."""

    @property
    def frame(self) -> Frame:
        """(h, w, 3)."""
        return np.asarray(parse_jpeg(self.jpeg))


@dataclass(frozen=True, eq=False)
class Thumbnails:
    """The pictures of a run."""

    jpegs: tuple[bytes, ...]
    rows: NDArray[np.int32]
    """(k,) which example of its memory each shows."""
    alike: tuple[NDArray[np.uint16], ...]
    """Of each memory (n,): the picture of every example, or of the one most alike."""
    memories: Mapping[str, int]
    """{scene: its memory}."""
    where: Path = Path(THUMBNAILS)
    """The file, for messages."""

    def of(self, scene: str, example: NormalExample) -> KeptPicture | None:
        """The picture to show for an example that is normal in `scene`; None if there is none.

        Raises IntegrityError if the file holds something else than a picture.
        """
        memory = self.memories.get(scene)
        if memory is None or not 0 <= example.row < len(self.alike[memory]):
            return None
        number = int(self.alike[memory][example.row])
        with reading(self.where, "train again"):
            parse_jpeg(self.jpegs[number])
        return KeptPicture(self.jpegs[number], int(self.rows[number]) != example.row)

    def of_memory(self, memory: int, most: int) -> list[bytes]:
        """At most `most` pictures of one memory's examples as JPEG files, evenly spread over them.

        Raises IntegrityError if the file holds something else than pictures.
        """
        numbers = np.unique(self.alike[memory])
        chosen = numbers[np.linspace(0, len(numbers) - 1, min(most, len(numbers))).round().astype(int)]
        jpegs = [self.jpegs[number] for number in chosen.tolist()]
        with reading(self.where, "train again"):
            for jpeg in jpegs:
                parse_jpeg(jpeg)
        return jpegs


def with_example(thumbnails: Thumbnails, scene: str, rows: NDArray[np.int64], jpeg: bytes) -> Thumbnails:
    """`thumbnails` with a picture for the new examples `rows` of the memory of `scene`, which follow the known ones.

    The picture is of the first of them. Unchanged if the scene has no pictures, or no more fit into the format.
    """
    memory = thumbnails.memories.get(scene)
    number = len(thumbnails.jpegs)
    if memory is None or not len(rows) or number > np.iinfo(np.uint16).max:
        return thumbnails
    alike = list(thumbnails.alike)
    alike[memory] = np.append(alike[memory], np.full(len(rows), number, np.uint16))
    shown = np.append(thumbnails.rows, np.int32(rows[0]))
    return replace(thumbnails, jpegs=(*thumbnails.jpegs, jpeg), rows=shown, alike=tuple(alike))


class _Described(Form):
    format: int
    memories: dict[str, Annotated[int, Field(ge=0, lt=MOST_MEMORIES)]]


def to_bytes(thumbnails: Thumbnails) -> bytes:
    """The pictures as a safetensors file; the same ones give the same bytes."""
    tensors: dict[str, NDArray[Any]] = {
        "pictures": np.frombuffer(b"".join(thumbnails.jpegs), np.uint8),
        "ends": np.cumsum([len(jpeg) for jpeg in thumbnails.jpegs], dtype=np.int64),
        "rows": thumbnails.rows,
    }
    tensors |= {f"{number}/alike": alike for number, alike in enumerate(thumbnails.alike)}
    described = {"format": FORMAT, "memories": dict(thumbnails.memories)}
    return save_tensors(tensors, {"scenewise": json.dumps(described, sort_keys=True)})


def read_thumbnails(run: Path) -> Thumbnails | None:
    """The pictures of the run in the folder `run`; None if it was trained without.

    Raises IntegrityError if the file was changed.
    """
    path = run / THUMBNAILS
    if THUMBNAILS not in recorded_checksums(run):
        return None
    with reading(path, "train again"):
        content = check(path).read_bytes()
        tensors = parse_tensors(content)
        described = parse_json(metadata_of(content).encode("utf-8", "surrogatepass"))
        require_form(described, _Described)
        if described["format"] > FORMAT:
            raise IntegrityError(f"{path}: written by a newer Scenewise; use that one, or train again")
        lengths = require_tensors(tensors, FORMS)
        ends = tensors["ends"].tolist()
        if ends != sorted(ends) or ends[:1] < [0] or ends[-1:] != [lengths["bytes"]]:
            raise ValueError("ends: expected numbers that grow up to the number of bytes of all pictures")
        memories = dict(described["memories"])
        count = max(memories.values(), default=-1) + 1
        require_tensors(tensors, {f"{number}/alike": tensor("uint16", f"examples {number}") for number in range(count)})
        alike = tuple(tensors[f"{number}/alike"] for number in range(count))
        for number, pictures in enumerate(alike):
            require_indices(f"{number}/alike", pictures, len(ends))
    packed = tensors["pictures"].tobytes()
    jpegs = tuple(packed[begin:end] for begin, end in zip([0, *ends[:-1]], ends, strict=True))
    return Thumbnails(jpegs, tensors["rows"], alike, memories, path)
