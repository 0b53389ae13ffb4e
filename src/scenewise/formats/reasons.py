"""What a library says of a damaged file, in a few words for people."""


def in_short(error: Exception) -> str:
    """The first line of an error's text, cut; the name of its class if it has none."""
    lines = str(error).strip().splitlines()
    return lines[0][:120] if lines else type(error).__name__
