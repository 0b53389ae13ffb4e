"""The files that a model is made of: all of them are hashed, and none may lie outside of the model's folder."""

import os
from collections.abc import Sequence
from pathlib import Path, PurePosixPath

from scenewise.checksums import sha256_of
from scenewise.errors import EncoderError

MEMORY_ADDRESS = "_ORT_MEM_ADDR_"
"""In the name of a file, some readers take it for an address in memory."""


def file_beside(model: Path, name: str) -> Path:
    """The file that the file `model` calls `name`, in the same folder or below it.

    Raises EncoderError, before the file is opened, if it lies elsewhere: by an absolute path, by `..`, or by a link; or
    if it is missing. If `model` itself is a link, as in the hub's cache, the folder that it leads to is its own too.
    """
    parts = PurePosixPath(name).parts
    outside = not parts or name.startswith("/") or ".." in parts or set(name) & {"\\", "\0"} or MEMORY_ADDRESS in name
    if not outside:
        path = model.parent / name
        real = Path(os.path.realpath(path))
        own = [Path(os.path.realpath(model.parent)), Path(os.path.realpath(model)).parent]
        outside = not any(real.is_relative_to(folder) for folder in own)
    if outside:
        raise EncoderError(
            f"{model}: names the file {name!r}, which does not lie in the model's folder, and is refused; put the "
            "whole model into one folder and export it from there"
        )
    if not _is_file(path):
        raise EncoderError(f"{model}: its file {name[:80]!r} is missing; get the whole model, with all files beside it")
    return path


def _is_file(path: Path) -> bool:
    try:
        return path.is_file()
    except OSError:  # such as a name that is too long
        return False


class ModelFiles:
    """The files of one model, hashed before the model is read."""

    def __init__(self, paths: Sequence[Path]) -> None:
        self.paths = tuple(paths)
        self._stamps = [_stamp(path) for path in self.paths]
        self.checksums = [sha256_of(path) for path in self.paths]
        """SHA-256 of each, in hex."""

    def require_unchanged(self) -> None:
        """Raise EncoderError if a file was changed since it was hashed: what was read may be another model."""
        for path, stamp in zip(self.paths, self._stamps, strict=True):
            if _stamp(path) != stamp:
                raise EncoderError(f"{path}: was changed while it was read; give the command again")


def _stamp(path: Path) -> tuple[int, ...]:
    """What changes with every change of a file: the system sets the last one itself."""
    try:
        found = path.stat()
    except OSError as error:
        raise EncoderError(f"{path}: cannot be read ({error.strerror})") from error
    return found.st_dev, found.st_ino, found.st_size, found.st_mtime_ns, found.st_ctime_ns
