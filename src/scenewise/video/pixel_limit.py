"""The limit on the size of a picture, see `config.limits.MAX_PIXELS`."""

from scenewise.errors import VideoError


def refuse_size(where: str, width: int, height: int, max_pixels: int) -> None:
    """Raise VideoError, naming `where`, if a picture of this size has more than `max_pixels` pixels."""
    if width * height > max_pixels:
        raise VideoError(
            f"{where}: its pictures are {width}x{height}, more than {max_pixels / 1e6:g} megapixels; shrink them, or "
            "allow it by --max-pixels"
        )
