"""The order of a folder's pictures, by their names alone.

1. Names that carry a time (see `name_times`) are in the order of time. Numbers after it, such as milliseconds or a
   picture's number within the second, order the pictures of one time.
2. Otherwise the number that differs between the names decides: 9 before 10, 0.5 before 0.75. Several may differ if they
   all rise together, as a frame's number and a clock do, or if the first is the seconds since 1970.
3. Otherwise there is no order, and an error names two pictures.

What follows the number or the time that decides may differ: 0001_walk.jpg, 0002_run.jpg. What stands before may not.
"""

import re
from collections.abc import Sequence
from fractions import Fraction
from itertools import groupby, pairwise
from pathlib import Path
from typing import NamedTuple

from scenewise.errors import VideoError
from scenewise.video.name_times import SECOND, NamedTime, Reading, in_24_hours, read_times

Place = int | Fraction

_NUMBER = re.compile(r"(?<![0-9])(?<![0-9]\.)[0-9]+\.[0-9]+(?!\.?[0-9])|[0-9]+")
"""A decimal; in 12.00.45 and 192.168.1.64 they are whole numbers."""
_UNIX_UNITS = {10: 1, 13: 10**3, 16: 10**6, 19: 10**9}
"""{digits of a time since 1970, from 2001 on: its units a second}."""
_UNIX_YEARS = (1_000_000_000, 4_102_444_800)
"""Seconds since 1970 of September 2001 and of 2100."""
_DATE = re.compile("(19|20)[0-9]{4,6}")
"""A date without separators, which needs leading zeros: 2026111 may be in January or in November."""
_HALF_DAY = 12 * 3600 * SECOND
_REMEDY = "rename them to 0001.jpg, 0002.jpg and so on, in the order of time"


class PictureOrder(NamedTuple):
    """A folder's pictures in order."""

    files: list[Path]
    places: list[Place] | None
    """The number that decides, for each picture; None if no single number rises from each to the next."""
    timed: bool
    """Whether these numbers are seconds."""


class _Name(NamedTuple):
    file: Path
    text: str
    """The part of the name that is looked at."""

    @property
    def words(self) -> list[str]:
        """What stands before, between and after its numbers."""
        return _NUMBER.split(self.text)

    @property
    def numbers(self) -> list[str]:
        """As they are written."""
        return _NUMBER.findall(self.text)


class _Column(NamedTuple):
    """The numbers at one place of all names."""

    values: list[Place]
    timed: bool
    """Whether they are seconds."""


def picture_order(files: Sequence[Path]) -> PictureOrder:
    """Order the pictures of a folder, at least one. Raises VideoError, naming two of them, if their names do not."""
    names = [_Name(file, _in_24_hours(file)) for file in sorted(files)]
    for name in names:
        if not name.numbers:
            raise VideoError(
                f"{name.file}: expected a frame's number in the name, such as 0001.jpg; rename or remove it"
            )
    orders: dict[tuple[Path, ...], PictureOrder] = {}
    for reading in read_times([name.text for name in names]):
        order = _by_time(names, reading)
        if order is not None:
            orders.setdefault(tuple(order.files), order)
    if not orders:
        return _by_numbers(names)
    first, *others = orders.values()
    if others:
        early, late = next(pair for pair in zip(first.files, others[0].files, strict=True) if pair[0] != pair[1])
        raise _no_order(early, late, "day and month can be read in two ways")
    return first


def _in_24_hours(file: Path) -> str:
    try:
        return in_24_hours(file.stem).lower()
    except ValueError as error:
        raise VideoError(
            f"{file}: it is unclear where the time with AM or PM begins in the name; write the hours from 0 to 23, or "
            f"{_REMEDY}"
        ) from error


def _by_time(names: Sequence[_Name], reading: Reading) -> PictureOrder | None:
    """The order by the times of `reading`; None if what stands around the times does not fit this order.

    Raises VideoError if pictures may lie before and after midnight, and no date tells, or if fractions of a second may
    be milliseconds without leading zeros.
    """
    timed = sorted(zip(reading.names, names, strict=True), key=lambda pair: pair[0].moment)
    moments = [time.moment for time, _ in timed]
    if moments[0] == moments[-1]:
        return None
    before = {name.file: time.before for time, name in timed}
    files: list[Path] = []
    try:
        for _, group in groupby(timed, key=lambda pair: pair[0].moment):
            same = [_Name(name.file, f"{time.before}\0{time.after}") for time, name in group]
            files += _by_numbers(same).files if len(same) > 1 else [same[0].file]
        in_order = [_Name(file, before[file]) for file in files]
        _require_rising(in_order, _columns(in_order, whole=True), range(len(files)))
    except VideoError:
        return None
    _refuse_unpadded(timed)
    if not reading.dated:
        _refuse_midnight(files, moments)
    return PictureOrder(
        files, [Fraction(moment, SECOND) for moment in moments] if reading.exact else None, reading.exact
    )


def _refuse_unpadded(timed: Sequence[tuple[NamedTime, _Name]]) -> None:
    """Raise VideoError if the fractions of a second give another order as whole numbers: 9.25 and 9.7 as 25 and 7."""
    if any(len(time.fraction) > 1 and time.fraction.startswith("0") for time, _ in timed):
        return
    for (one, early), (other, late) in pairwise(timed):
        same_second = one.moment // SECOND == other.moment // SECOND
        if same_second and int(one.fraction or 0) > int(other.fraction or 0):
            raise _no_order(early.file, late.file, "is this a decimal of a second, or a number without leading zeros?")


def _refuse_midnight(files: Sequence[Path], moments: Sequence[int]) -> None:
    """Raise VideoError if all times of day lie within 12 hours around midnight, and the folder is not called by a date.

    Half a day without a picture inside one day is less likely than a recording at night.
    """
    if re.search(r"(19|20)[0-9]{2}([-_.]?)[0-9]{2}\2[0-9]{2}", files[0].parent.name):
        return
    for number, (one, following) in enumerate(pairwise(moments)):
        if following - one > _HALF_DAY:
            raise _no_order(files[number + 1], files[number], "does midnight lie between them? no name has a date")


def _by_numbers(names: Sequence[_Name]) -> PictureOrder:
    """The order by the numbers that differ. Raises VideoError."""
    columns = [column for column in _columns(names) if len(set(column.values)) > 1]
    if columns and _is_unix_time(columns[0]) and len(set(columns[0].values)) == len(names):
        columns = columns[:1]  # what follows is an event's number, such as 1767225590.12-q7x1zk
    order = sorted(range(len(names)), key=lambda number: [column.values[number] for column in columns])
    _require_rising(names, columns, order)
    for one, following in pairwise(order):
        if all(column.values[one] == column.values[following] for column in columns):
            raise _no_order(names[one].file, names[following].file, "both have the same number or time; keep one")
    files = [names[number].file for number in order]
    for column in columns:
        places = [column.values[number] for number in order]
        if all(one < following for one, following in pairwise(places)):
            return PictureOrder(files, places, column.timed)
    return PictureOrder(files, None, timed=False)


def _columns(names: Sequence[_Name], *, whole: bool = False) -> list[_Column]:
    """The numbers that all names share, from the first on; with `whole`, those of names that only differ in numbers.

    Raises VideoError if the names are of different kinds.
    """
    words, numbers = [name.words for name in names], [name.numbers for name in names]
    other = next((number for number, part in enumerate(words) if part != words[0]), None)
    shared = 0
    while shared < min(map(len, numbers)) and len({part[shared] for part in words}) == 1:
        shared += 1
    if other is not None:
        # What differs is a label if it follows a frame's number or a decimal. 3f2a9c is neither, nor is 28-feb.
        labelled = shared > 0 and all(
            not part[shared][:1].isalpha() and len(written[shared - 1]) > 2
            for part, written in zip(words, numbers, strict=True)
        )
        if whole or not labelled:
            raise _no_order(names[0].file, names[other].file, "they are named in different ways")
    return [_column(names, [written[place] for written in numbers]) for place in range(shared)]


def _column(names: Sequence[_Name], written: Sequence[str]) -> _Column:
    """The values of numbers as `written`.

    Raises VideoError if they may be decimals or not: 1.9 and 1.10; or if they seem to be dates without leading zeros.
    """
    unlike = next((number for number, text in enumerate(written) if len(text) != len(written[0])), None)
    if unlike is not None and all(map(_DATE.fullmatch, written)):
        raise _no_order(names[0].file, names[unlike].file, "are these dates without leading zeros?")
    if not any("." in number for number in written):
        units = _UNIX_UNITS.get(len(written[0]))
        if units and all(len(number) == len(written[0]) and number[0] == "1" for number in written):
            return _Column([Fraction(int(number), units) for number in written], timed=True)
        return _Column([int(number) for number in written], timed=False)
    decimals: list[Place] = [Fraction(number) for number in written]
    pairs = [tuple(map(int, number.split("."))) for number in written]
    order, other = (sorted(range(len(names)), key=values.__getitem__) for values in (decimals, pairs))
    constant = len({pair[0] for pair in pairs}) == 1
    if order == other or not (constant or any(re.search(r"\.[0-9]+0$", number) for number in written)):
        return _Column(decimals, timed=not constant)
    if constant and len(set(decimals)) < len(set(pairs)):
        return _Column([pair[-1] for pair in pairs], timed=False)  # 1.1 and 1.10 would be the same decimal
    one, following = next(pair for pair in zip(order, other, strict=True) if pair[0] != pair[1])
    raise _no_order(names[one].file, names[following].file, "are these decimals, or two numbers?")


def _is_unix_time(column: _Column) -> bool:
    return column.timed and all(_UNIX_YEARS[0] <= value < _UNIX_YEARS[1] for value in column.values)


def _require_rising(names: Sequence[_Name], columns: Sequence[_Column], order: Sequence[int]) -> None:
    """Raise VideoError if a number falls in this order of the names."""
    for one, following in pairwise(order):
        if any(column.values[following] < column.values[one] for column in columns):
            why = "several numbers differ, do not rise together, and are no time"
            raise _no_order(names[one].file, names[following].file, why)


def _no_order(one: Path, other: Path, why: str) -> VideoError:
    return VideoError(
        f"{one.parent}: the names {one.name} and {other.name} do not tell which picture is earlier ({why}); {_REMEDY}; "
        "pictures of another camera or clip need a folder of their own"
    )
