"""Opening files that somebody else names, such as those in a data set's description: regular files alone.

A pipe would wait for ever for somebody who writes, and some devices never end.
"""

import errno
import os
import stat
from io import BufferedReader
from pathlib import Path


def open_regular(path: Path) -> BufferedReader:
    """Open a file to read its bytes. Raises OSError, for a pipe, a device or a socket too, and never waits."""
    descriptor = os.open(path, os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC)
    kind = os.fstat(descriptor).st_mode
    if stat.S_ISREG(kind):
        return os.fdopen(descriptor, "rb")
    os.close(descriptor)
    if stat.S_ISDIR(kind):
        raise IsADirectoryError(errno.EISDIR, os.strerror(errno.EISDIR), str(path))
    raise OSError(errno.EINVAL, "a pipe, a device or a socket, and no file", str(path))


def require_regular(path: Path) -> None:
    """Raise OSError as `open_regular` does, for libraries that open the file `path` themselves."""
    open_regular(path).close()
