"""The benchmark's table in words: its title, its numbers as people read them, and what they have to know."""

from collections.abc import Sequence

from scenewise.results.benchmark_table import BenchmarkTable, TableRow, Unit
from scenewise.results.rows import Spread

KINDS = {
    "measured": "Measured here, all on the same features",
    "constant": "Constants: they see no frame, only the scene's name, and are chosen with the test labels; 0 or 1 "
    "is 0 for scenes without an abnormal frame, else 1",
    "published": "Published: as papers and code of others tell it, or the official labels",
}
"""What the rows under each heading are."""


CHOSEN = "Chosen on test data."


def title(table: BenchmarkTable) -> str:
    """One line."""
    told = ", protocol published: CHOSEN ON TEST DATA" if table.chosen_on_test_data else ", strict protocol"
    return f"Benchmark on {_count(len(table.data['scenes']), 'scene')}{told}"


def _count(number: int, word: str) -> str:
    return f"{number:,} {word}{'s' if number != 1 else ''}"


UNITS: dict[Unit, tuple[float, str, str]] = {
    "share": (100, ".1f", ""),
    "an hour": (1, ".1f", "/h"),
    "count": (1, ",.0f", ""),
    "seconds": (1, ",.1f", " s"),
    "frames a second": (1, ",.0f", "/s"),
    "bytes": (2**-30, ".2f", " GiB"),
}
"""How numbers are told: times what, with which digits, what stands behind them."""


def in_words(value: float, unit: Unit) -> str:
    """A number as people read it; shares in percent, without the sign."""
    factor, digits, sign = UNITS[unit]
    return f"{factor * value:{digits}}{sign}"


def spread_in_words(cell: Spread, unit: Unit) -> tuple[str, str, str]:
    """`83.4`, ` ± 1.2` and `80.1 to 86.0`: mean, deviation over seeds and interval, each empty where there is none."""
    if cell.mean is None:
        return "", "", ""
    factor, digits, sign = UNITS[unit]
    interval = "" if cell.interval is None else " to ".join(in_words(end, unit) for end in cell.interval)
    if cell.deviation is None or unit == "count":
        return in_words(cell.mean, unit), "", interval
    return f"{factor * cell.mean:{digits}}", f" ± {factor * cell.deviation:{digits}}{sign}", interval


def notes(table: BenchmarkTable) -> list[str]:
    """What a reader of the table has to know, in sentences."""
    data = table.data
    measured = [row for row in table.rows if row.kind == "measured"]
    told = []
    if table.chosen_on_test_data:
        told.append(
            f"{CHOSEN} Checkpoint and smoothing of every run are the pair with the best test AUC among its kept "
            "checkpoints and 20 widths, as published code does it. These figures say what that choice claims, and not "
            "what new footage will bring. Scores are smoothed across the borders of videos; frames that fill no "
            "segment are left out."
        )
        if data["preprocess"] != "published":
            told.append("The features were not made with published code's preprocessing: only the scoring is its own.")
    within = ""
    if data["pairs_within_scene"] is not None and len(data["scenes"]) > 1:
        within = (
            f" Of the pairs of an abnormal and a normal frame {100 * data['pairs_within_scene']:.1f} % lie within one "
            "scene; the others can be ordered by the scene's name alone."
        )
    told.append(
        f"{_count(data['videos'], 'labelled test video')}, {data['frames']:,} frames, {data['abnormal_frames']:,} of "
        f"them abnormal; encoder {data['encoder']}.{within}"
    )
    told.append(
        f"{_spread_note(measured)}Ranges are 95 % bootstrap intervals over the test footage, their ends averaged over "
        "seeds. Ideal: AUC 100, an event that is normal there 50; alarms 100 and 0. Empty: undefined or not known."
    )
    if data["threshold_extrapolated"]:
        told.append("Held-out footage is too short to measure the alarm budget in: its threshold is extrapolated.")
    remembered = ""
    if any(row.deterministic for row in measured):
        remembered = (
            ", or of remembering; the parameters of a memory are the numbers it holds, most of them its members"
        )
    told.append(
        f"Training seconds are those of the steps{remembered}; scoring goes from stored features to scores; memory is "
        "the most main memory that the process held which trained and scored a run."
    )
    return told


def _spread_note(measured: Sequence[TableRow]) -> str:
    """What a deviation means, where there are any; what stands without one."""
    seeds = {len(row.seeds) for row in measured if not row.deterministic}
    told = ""
    if seeds:
        told = (
            "One seed: differences may be chance. " if seeds == {1} else "Mean ± sample standard deviation over seeds. "
        )
    if any(row.deterministic for row in measured):
        told += "Deterministic: nothing is drawn at random, so that one run is all there is. "
    return told
