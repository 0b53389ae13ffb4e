"""The sentences that a reader of a table has to know, the same for every format."""

from scenewise.counted import counted
from scenewise.results.metrics_list import ALARMS, BUDGET, COST
from scenewise.results.rows import UNDEFINED, Kind, share
from scenewise.results.table import Table

CHOSEN = "chosen on test data"
"""What marks a table of the published protocol."""
KINDS: dict[Kind, str] = {"measured": "Measured here", "constant": "Constants", "published": "Published elsewhere"}
"""The headings of a benchmark's rows."""
CONSTANTS = (
    "Constants see no frame, only the scene's name, and are chosen with the test labels; 0 or 1: 0 for scenes without "
    "an abnormal frame, else 1."
)
PUBLISHED = (
    "Published results are those of papers and code of others, or follow from the official labels. Each stands below "
    "the method of the same idea, if that was measured, and was reached with other features."
)


def headline(table: Table) -> str:
    """One line: how many scenes, and by which protocol."""
    protocol = f"protocol published: {CHOSEN.upper()}" if table.chosen_on_test_data else "strict protocol"
    return f"Benchmark on {counted(len(table.tested.scenes), 'scene')}, {protocol}"


def notes(table: Table) -> list[str]:
    """What a reader of the table has to know, a paragraph each; a warning that figures were chosen comes first."""
    found = [*_chosen(table), _data(table), _units(table), _spread(table), _ideals(table)]
    if table.constants:
        found.append(CONSTANTS)
    if table.of_kind("published"):
        found.append(PUBLISHED)
    groups = {column.group for column in table.columns}
    budget = next((group for group in groups if group.startswith(BUDGET.split("{")[0])), None)
    if budget:
        found.append(f"Events found and false alarms: {budget}.")
    if table.tested.threshold_extrapolated and budget:
        found.append("Held-out footage is too short to measure the alarm budget in: its threshold is extrapolated.")
    if COST in groups:
        found.append(_costs())
    return found


def _chosen(table: Table) -> list[str]:
    if not table.chosen_on_test_data:
        return []
    parts = [
        f"{CHOSEN.capitalize()}, as published code does it: checkpoint and smoothing of every run are the pair with "
        "the best test AUC among its kept checkpoints and 20 widths, so these figures promise too much. Scores are "
        "smoothed across the borders of videos; frames that fill no segment count in no figure."
    ]
    if table.tested.preprocess != "published":
        parts.append("The features were not made with published code's preprocessing; the scoring alone follows it.")
    return [" ".join(parts)]


def _data(table: Table) -> str:
    tested = table.tested
    text = (
        f"{counted(tested.videos, 'labelled test video')} of {counted(len(tested.scenes), 'scene')}, "
        f"{counted(tested.frames, 'frame')}, {tested.abnormal_frames:,} of them "
        f"abnormal; encoder {tested.encoder}."
    )
    if tested.masked:
        text += f" Objects in a part of the picture count for nothing (--mask): {', '.join(tested.masked)}."
    if tested.pairs_within_scene is None or len(tested.scenes) < 2:
        return text
    return (
        f"{text} Of the abnormal-normal pairs that pooled AUC counts, {share(tested.pairs_within_scene)} % lie within "
        "one scene; the others compare cameras, and can be ordered by the scene's name alone."
    )


def _units(table: Table) -> str:
    unitless = [column.name for column in table.columns if column.unit in ("number", "count")]
    but = f", except {' and '.join(dict.fromkeys(unitless))}" if unitless else ""
    return f"Figures without a unit are percent{but}. {UNDEFINED}: undefined, or not known."


def _spread(table: Table) -> str:
    """What a deviation and an interval mean, if there are any, and what has none."""
    drawn = [row for row in table.measured if not row.deterministic]
    parts = []
    if any(len(row.seeds) > 1 for row in drawn):
        parts.append("Mean ± sample standard deviation over seeds.")
    if any(len(row.seeds) == 1 for row in drawn):
        parts.append("One seed has no spread: differences may be chance.")
    if len(drawn) < len(table.measured):
        parts.append("Deterministic: nothing is drawn at random, so one run is all there is.")
    if any(row.cell(*column.path).interval for row in table.measured for column in table.columns):
        ends = " (means of the runs' ends)" if any(len(row.seeds) > 1 for row in table.measured) else ""
        parts.append(f"Low to high: 95 % interval{ends} for other test footage of these cameras, the model as it is.")
    return " ".join(parts)


def _ideals(table: Table) -> str:
    text = "Ideal: AUC 100; an event that is normal there 50, as likely above a normal frame as below"
    alarms = "; alarms at events 100 and 0" if any(column.group == ALARMS for column in table.columns) else ""
    return f"{text}{alarms}."


def _costs() -> str:
    return (
        "Parameters are the weights of a model, or the numbers that a memory bank holds. Training seconds are those of "
        "fitting, without start-up; scoring goes from stored features to scores; memory is the most main memory that "
        "the process held which trained and scored a run."
    )
