"""Counts of things as people write them: `1 frame`, `1,800 frames`, `0.5 alarms`."""


def counted(number: float, one: str, many: str | None = None) -> str:
    """`number` with its noun: `one`, else `many`, by default `one` with an s; decimals only if it is not whole."""
    written = f"{number:,.0f}" if number == int(number) else f"{number:g}"
    return f"{written} {one if number == 1 else many or f'{one}s'}"
