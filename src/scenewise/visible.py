"""Text as it may be shown: names of files and scenes may hold characters that change what is shown around them.

A terminal runs control characters such as escape sequences. Marks of writing direction reorder the text beside them.
Invisible characters make two names look the same.
"""

import re
from typing import Any

_FORMAT = (
    "\xad\u061c\u180e\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff\ufff9-\ufffb"
    "\U00013430-\U0001343f\U0001bca0-\U0001bca3\U0001d173-\U0001d17a\U000e0000-\U000e0fff"
)
"""Unicode's format characters that show nothing, and its line breaks."""
_SURROGATES = "\ud800-\udfff"
"""What stands for the bytes of a name that is not UTF-8: nothing can print it."""
_INVISIBLE = re.compile(f"[\x00-\x1f\x7f-\x9f{_FORMAT}{_SURROGATES}]")
_INVISIBLE_BUT_LINES = re.compile(f"[\x00-\x08\x0b-\x1f\x7f-\x9f{_FORMAT}{_SURROGATES}]")


def visible(text: str) -> str:
    r"""`text` with every control, direction and zero-width character written as its escape: `\u202e`, `\u001b`.

    JSON stays JSON.
    """
    return _INVISIBLE.sub(_escape, text)


def visible_lines(text: str) -> str:
    """The same for a text of several lines: line breaks and tabs stay."""
    return _INVISIBLE_BUT_LINES.sub(_escape, text)


def visible_values(value: Any) -> Any:
    """Plain JSON with all its texts made visible."""
    if isinstance(value, str):
        return visible(value)
    if isinstance(value, dict):
        return {visible_values(key): visible_values(one) for key, one in value.items()}
    return [visible_values(one) for one in value] if isinstance(value, list | tuple) else value


def _escape(found: re.Match[str]) -> str:
    number = ord(found[0])
    return f"\\u{number:04x}" if number < 0x10000 else f"\\U{number:08x}"
