"""The largest picture that is decoded: of a file of 3 MB, pictures of 16,000 x 16,000 would ask for 23 GiB."""

from scenewise.errors import VideoError

MAX_PIXELS = 64_000_000
"""Larger pictures are refused before they are decoded, unless --max-pixels allows them."""


def refuse_size(where: str, width: int, height: int, max_pixels: int) -> None:
    """Raise VideoError, naming `where`, if a picture of this size has more than `max_pixels` pixels."""
    if width * height > max_pixels:
        raise VideoError(
            f"{where}: its pictures are {width}x{height}, more than {max_pixels / 1e6:g} megapixels; shrink them, or "
            "allow it by --max-pixels"
        )
