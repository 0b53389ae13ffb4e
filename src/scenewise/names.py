"""Names of files as text.

A file name is bytes. Where they are not UTF-8, as in old archives, Python stands in a lone surrogate for each; paths of
footage keep them. Names of scenes and videos are written into files of ours, which must be text, and get %E9 instead.
"""

import re

_BYTE = re.compile("[\udc80-\udcff]")


def as_text(name: str) -> str:
    """`name` with each byte that is not UTF-8 as %E9; other names are unchanged."""
    return _BYTE.sub(lambda byte: f"%{ord(byte[0]) - 0xDC00:02X}", name)
