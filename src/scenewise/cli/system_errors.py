"""Errors of the operating system that the user can correct, and the line that reports each."""

import errno
from pathlib import Path

from scenewise.cli.config_file import value_of

ELSEWHERE = "choose another path"
TARGET_ERRORS = {
    errno.ENOSPC: "free some, or choose another disk",
    errno.EDQUOT: "free some, or choose another disk",
    errno.EROFS: ELSEWHERE,
    errno.EACCES: "allow it, or choose another path",
    errno.EPERM: "allow it, or choose another path",
    errno.ENOTDIR: f"a file stands where a folder is needed; {ELSEWHERE}",
    errno.EISDIR: f"a folder stands where a file is needed; {ELSEWHERE}",
    errno.EEXIST: f"a file stands where a folder is needed; {ELSEWHERE}",
    errno.ENAMETOOLONG: ELSEWHERE,
    errno.ELOOP: ELSEWHERE,
    errno.EINVAL: ELSEWHERE,
    errno.ENOENT: f"check its name if it is to be read; if it is to be written, {ELSEWHERE}",
}
"""{error: what the user can do}: the disk or the path is at fault, not the program."""
OURS_UNLESS_NAMED = {errno.ENOENT, errno.EINVAL}
"""Errors that a fault of the program causes as well: the user's only if the command line names the path."""


def line_for_user(error: OSError, arguments: list[str]) -> str | None:
    """The line to print: which path failed, why, and what to do; None if `error` is a fault of the program.

    `arguments` are those of the command line. The error of a full disk often names no path; then --out stands for it.
    """
    if error.errno is None or not _is_mistake(error, arguments):
        return None
    path = error.filename or value_of("--out", arguments) or "the target"
    return f"{path}: {error.strerror}; {TARGET_ERRORS[error.errno]}"


def _is_mistake(error: OSError, arguments: list[str]) -> bool:
    """Whether a path of the user's, or the disk it is on, is at fault."""
    if error.errno not in TARGET_ERRORS:
        return False
    if error.errno not in OURS_UNLESS_NAMED:
        return True
    if not isinstance(error.filename, str):
        return False
    path = Path(error.filename).absolute()
    named = [Path(argument.partition("=")[2] or argument).absolute() for argument in arguments if argument]
    return any(path == one or path in one.parents or one in path.parents for one in named)
