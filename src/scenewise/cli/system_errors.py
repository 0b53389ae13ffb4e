"""Which errors of the operating system are the user's to mend, and how they are told."""

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
    errno.ENOENT: f"if it is there to be read, check its name; if it is to be written, {ELSEWHERE}",
}
"""What a disk or a path may refuse, and what to do: the user's to mend, not a fault of ours."""
OURS_UNLESS_NAMED = {errno.ENOENT, errno.EINVAL}
"""Those that our own mistakes cause as well; the user's only on a path that the command line names."""


def told_to_the_user(error: OSError, arguments: list[str]) -> str | None:
    """The line to print: which path refused what, and what to do; None where `error` is a fault of ours.

    `arguments` are the command line's. A full disk often names no path; then it is the one that --out names.
    """
    if error.errno is None or not _is_the_users(error, arguments):
        return None
    path = error.filename or value_of("--out", arguments) or "the target"
    return f"{path}: {error.strerror}; {TARGET_ERRORS[error.errno]}"


def _is_the_users(error: OSError, arguments: list[str]) -> bool:
    """Whether a path of the user's, or the disk it is on, refused what a command needs of it."""
    if error.errno not in TARGET_ERRORS:
        return False
    if error.errno not in OURS_UNLESS_NAMED:
        return True
    if not isinstance(error.filename, str):
        return False
    path = Path(error.filename).absolute()
    named = [Path(argument.partition("=")[2] or argument).absolute() for argument in arguments if argument]
    return any(path == one or path in one.parents or one in path.parents for one in named)
