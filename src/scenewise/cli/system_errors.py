"""Errors of the operating system that the user can correct, and the line that reports each."""

import errno
import os
from pathlib import Path

from scenewise.cli.config_file import value_of

ELSEWHERE = "choose another path"
_ADVICE = {
    "free some, or choose another disk": "ENOSPC EDQUOT",
    "raise the limit on the size of files (ulimit -f), or choose another disk": "EFBIG",
    "look after the disk or the network share, then give the command again": (
        "EIO ESTALE ENXIO ENODEV ENOTCONN ENOLINK EREMOTEIO EUCLEAN ETIMEDOUT "
        "EHOSTDOWN EHOSTUNREACH ENETDOWN ENETUNREACH ECONNRESET ECONNABORTED"
    ),
    "close other programs, or raise the limit (ulimit -n), then give the command again": "EMFILE ENFILE",
    "close other programs, or give it more memory, then give the command again": "ENOMEM ENOBUFS EAGAIN",
    f"another program uses it; wait until it has finished, or {ELSEWHERE}": "EBUSY ETXTBSY EDEADLK ENOTEMPTY",
    f"allow it, or {ELSEWHERE}": "EACCES EPERM",
    f"a file stands where a folder is needed; {ELSEWHERE}": "ENOTDIR EEXIST",
    f"a folder stands where a file is needed; {ELSEWHERE}": "EISDIR",
    f"this disk cannot do that; {ELSEWHERE}": "EOPNOTSUPP ENOTSUP ENOSYS EXDEV EMLINK",
    ELSEWHERE: "EROFS ENAMETOOLONG ELOOP EINVAL",
    f"check its name if it is to be read; if it is to be written, {ELSEWHERE}, and leave it alone meanwhile": "ENOENT",
}
"""{what the user can do: the errors}: the disk, the machine or the path is at fault, not the program."""
TARGET_ERRORS = {
    getattr(errno, name): advice
    for advice, names in _ADVICE.items()
    for name in names.split()
    if hasattr(errno, name)  # systems differ
}
OURS_UNLESS_NAMED = {errno.ENOENT, errno.EINVAL}
"""Errors that a fault of the program causes as well: the user's only if the command line names the path."""


def line_for_user(error: OSError | MemoryError, arguments: list[str]) -> str | None:
    """The line to print: which path failed, why, and what to do; None if `error` is a fault of the program.

    `arguments` are those of the command line. The error of a full disk often names no path; then --out stands for it.
    """
    if isinstance(error, MemoryError):
        return f"out of memory{f' ({error})' if str(error) else ''}; {TARGET_ERRORS[errno.ENOMEM]}"
    if error.errno is None or not _is_mistake(error, arguments):
        return None
    path = error.filename2 or error.filename or value_of("--out", arguments) or "the target"
    path = os.fsdecode(path) if isinstance(path, bytes) else path
    return f"{path}: {error.strerror or os.strerror(error.errno)}; {TARGET_ERRORS[error.errno]}"


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
