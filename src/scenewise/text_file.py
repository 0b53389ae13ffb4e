"""Reads text files that people write: settings, descriptions, lists of names, tracks.

UTF-8; a byte order mark, as Notepad and PowerShell write it, is no part of the text, and tells UTF-16 and UTF-32.
"""

import codecs
from pathlib import Path
from typing import Literal

from scenewise.errors import DataError, ScenewiseError
from scenewise.formats.regular_file import open_regular

LONGEST = 64 << 20
"""Bytes. The longest known file, of tracks, is under one megabyte."""
_ENCODINGS = {
    codecs.BOM_UTF8: "utf-8-sig",
    codecs.BOM_UTF32_LE: "utf-32",  # before UTF-16, whose mark it begins with
    codecs.BOM_UTF32_BE: "utf-32",
    codecs.BOM_UTF16_LE: "utf-16",
    codecs.BOM_UTF16_BE: "utf-16",
}
"""{byte order mark: the encoding that it tells}."""


def read_text(
    path: Path,
    expected: str,
    error: type[ScenewiseError] = DataError,
    undecodable: Literal["strict", "replace"] = "strict",
) -> str:
    """The text of the file `path`; lines end as in the file.

    Raises `error`, which says what was `expected`, if the file cannot be read, is too long, or is no text in UTF-8 or
    with a byte order mark. With `undecodable` "replace" single bytes that are not UTF-8, such as those of an old
    comment, become U+FFFD.
    """
    try:
        with open_regular(path) as file:
            content = file.read(LONGEST + 1)
    except (OSError, ValueError) as failure:
        reason = getattr(failure, "strerror", None) or failure
        raise error(f"{path}: {expected}, but it cannot be read ({reason})") from failure
    if len(content) > LONGEST:
        raise error(f"{path}: {expected}, but it has more than {LONGEST >> 20} MiB; is it another file?")
    encoding = next((name for mark, name in _ENCODINGS.items() if content.startswith(mark)), "utf-8")
    try:
        text = content.decode(encoding, undecodable)
    except UnicodeDecodeError as failure:
        raise error(f"{path}: {expected}, but it is not a text file in UTF-8; save it as UTF-8") from failure
    if "\0" in text:  # another kind of file, or UTF-16 without a mark
        raise error(f"{path}: {expected}, but it is not a text file in UTF-8; save it as UTF-8")
    return text
