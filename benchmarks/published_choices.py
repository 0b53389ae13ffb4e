"""How much each choice of the published protocol adds to the test AUC: one at a time, and one after the other.

    python benchmarks/published_choices.py RUN...

Each RUN was trained with --keep-checkpoints, all of them on the same features; runs that differ in their seed alone
belong together. Runs of one form of a method give a table of every step. Runs of several give a table with a row for
each: the strict figure, and the points that each choice alone and all of them gain over it. Figures are pooled AUC and
the mean of the AUCs within scenes, in percent, mean and sample standard deviation over the runs. What is called strict
and published is what `scenewise evaluate` finds by `--protocol strict` and `published`: both are run on the way, and it
stops where they find anything else.
"""

import argparse
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from statistics import mean, median, stdev

from choices import PUBLISHED, STRICT, Choices, Measured
from scipy.stats import spearmanr

from scenewise.errors import ScenewiseError

STEPS = {
    "one_scale": "one min-max instead of each scene's scale",
    "segments": "largest error of a segment, tail dropped",
    "across": "smoothing across videos",
    "sigma": "smoothing chosen by test AUC",
    "checkpoint": "checkpoint chosen by test AUC",
}
"""{choice of the published protocol: in words}, in its order."""
ELSEWHERE = {"each_video": "a min-max for each video (other published code)"}
"""A choice that the protocol does not make."""
COLUMNS = {
    "one scale": Choices(one_scale=True),
    "segments": Choices(segments=True),
    "across videos": Choices(across=True),
    "width": Choices(sigma=True),
    "checkpoint": Choices(checkpoint=True),
    "width and checkpoint": Choices(sigma=True, checkpoint=True),
    "all: published": PUBLISHED,
    "scale a video": Choices(each_video=True),
}
"""Of the table of several forms."""
Runs = Sequence[Measured]


def rows() -> Iterator[tuple[str, Choices]]:
    """The rows of the table of one form, in order."""
    yield "strict", STRICT
    for name, text in (STEPS | ELSEWHERE).items():
        yield f"only {text}", replace(STRICT, **{name: True})
    choices = STRICT
    for name, text in STEPS.items():
        choices = replace(choices, **{name: True})
        yield f"and {text}", choices


def print_form(runs: Runs) -> None:
    """Every step of one form, alone and after the others."""
    print("| | pooled AUC | gain | within scenes | gain |\n|---|---|---|---|---|")
    for name, choices in rows():
        found = [run.auc(choices) for run in runs]
        cells = []
        for place, gain in enumerate(gains(runs, choices)):
            cells += [spread(own[place] for own in found), f"{gain:+.1f}"]
        print(f"| {name} | {' | '.join(cells)} |")


def print_forms(forms: Mapping[str, Runs]) -> None:
    """A row for each form: strict AUC, pooled / within scenes, and the points that each choice alone and all gain."""
    print(f"| | strict | {' | '.join(COLUMNS)} |\n|---{'|---' * (1 + len(COLUMNS))}|")
    for name, runs in forms.items():
        strict = [run.auc(STRICT) for run in runs]
        cells = [" / ".join(spread(own[place] for own in strict) for place in (0, 1))]
        cells += [in_points(gains(runs, choices)) for choices in COLUMNS.values()]
        print(f"| {name} | {' | '.join(cells)} |")
    middle = [
        in_points([median(of_one) for of_one in zip(*(gains(runs, choices) for runs in forms.values()), strict=True)])
        for choices in COLUMNS.values()
    ]
    print(f"| median | | {' | '.join(middle)} |\n")
    print("Pooled, Spearman's rank correlation of the forms by strict with those by")
    for name, choices in COLUMNS.items():
        print(f"  {name:21} {rank_correlation(forms, choices):.2f}")


def gains(runs: Runs, choices: Choices) -> list[float]:
    """Points of AUC that `choices` gain over strict, mean over `runs`: pooled, within scenes."""
    return [100 * mean(run.auc(choices)[place] - run.auc(STRICT)[place] for run in runs) for place in (0, 1)]


def in_points(pair: Iterable[float]) -> str:
    """A gain pooled and within scenes."""
    return " / ".join(f"{value:+.1f}" for value in pair)


def rank_correlation(forms: Mapping[str, Runs], choices: Choices) -> float:
    """How alike `choices` and strict order the forms by pooled AUC, -1 to 1."""
    orders = [[mean(run.auc(one)[0] for run in runs) for runs in forms.values()] for one in (STRICT, choices)]
    return float(spearmanr(*orders).statistic)


def spread(values: Iterable[float]) -> str:
    """Mean and sample standard deviation in percent."""
    numbers = [100 * value for value in values]
    return f"{mean(numbers):.1f}" + (f" ± {stdev(numbers):.1f}" if len(numbers) > 1 else "")


def grouped(runs: Runs) -> dict[str, Runs]:
    """{form: its runs}. Raises SystemExit if they cannot stand in one table."""
    forms: dict[str, list[Measured]] = {}
    for run in runs:
        forms.setdefault(run.form, []).append(run)
    if len({run.run.footage for run in runs}) > 1:
        raise SystemExit("the runs were trained on several sets of features; give those of one")
    for name, own in forms.items():
        if any(run.run.deciding_settings != own[0].run.deciding_settings for run in own):
            raise SystemExit(f"{name}: its runs differ in more than their seed")
        if len({run.run.seed for run in own}) < len(own):
            raise SystemExit(f"{name}: two of its runs have the same seed")
    return {name: tuple(own) for name, own in forms.items()}


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("runs", type=Path, nargs="+")
    try:
        forms = grouped([Measured(folder) for folder in parser.parse_args().runs])
    except ScenewiseError as error:
        raise SystemExit(str(error)) from error
    for runs in forms.values():
        for run in runs:
            run.check()
    counts = {len(runs) for runs in forms.values()}, {len(run.checkpoints) for runs in forms.values() for run in runs}
    seeds, checkpoints = (" or ".join(str(one) for one in sorted(found)) for found in counts)
    print(f"{seeds} runs a form, {checkpoints} checkpoints a run\n")
    if len(forms) == 1:
        print_form(next(iter(forms.values())))
    else:
        print_forms(forms)


if __name__ == "__main__":
    main()
