"""The times that names carry: dates with times of day, as cameras and recorders write them, or times of day alone.

2026-01-01_12-00-45   20260101T120045Z   PXL_20260101_120045123   31.12.2025 23.59.59   12-00-45   1.05.09 PM

A form counts only if it fits every name. Some names fit several: 01-02-2026 is in January or in February.
"""

import re
from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import NamedTuple

SECOND = 10**9
"""Nanoseconds."""


class NamedTime(NamedTuple):
    """A name, cut at the time in it."""

    before: str
    moment: int
    """Nanoseconds from year 1, or from midnight."""
    after: str
    fraction: str
    """The digits of its fraction of a second, which are read as a decimal."""


class Reading(NamedTuple):
    """The times of several names, all by one form."""

    names: list[NamedTime]
    dated: bool
    """Whether the times hold dates."""
    exact: bool
    """Whether moments are surely nanoseconds: 12-07 may be minutes and seconds as well as hours and minutes."""


def read_times(names: Sequence[str]) -> list[Reading]:
    """Every way to read a time in all of `names`, in small letters; none if they carry no times."""
    for orders in _DATED:
        readings = [times for forms in orders if (times := _by_first_that_fits(names, forms)) is not None]
        if readings:
            return [Reading(_with_clock(_in_one_zone(times)), dated=True, exact=True) for times in readings]
    found = _read_clocks(names)
    return [] if found is None else [found]


def in_24_hours(name: str) -> str:
    """`name` with a time such as 1.05.09 PM as 13.05.09. Raises ValueError if it is unclear where the time begins."""
    found = _TWELVE_HOURS.search(name)
    if found is None:
        return name
    before, hour, separator = name[: found.start()], int(found["h"]), found["separator"]
    if not 1 <= hour <= 12 or (separator and re.search(f"[0-9]{re.escape(separator)}$", before)):
        raise ValueError(name)
    hour = hour % 12 + 12 * (found["half"] in "pP")
    return f"{before}{hour:02d}{found['rest']}{name[found.end() :]}"


_TWELVE_HOURS = re.compile(
    r"(?<![0-9])(?P<h>[0-9]{1,2})(?P<rest>(?:(?P<separator>[-_.:]?)[0-9]{2}(?:(?P=separator)[0-9]{2})?)?)"
    r"[\s_.-]?(?P<half>[ap])\.?m(?![a-z])",
    re.IGNORECASE,
)


def _fields(template: str) -> str:
    """`Y-M-D`: fields with the same separator between all of them. `YMD`: fields of two digits, the year of four."""
    letters = template.replace("-", "")
    digits = "[0-9]{1,2}" if "-" in template else "[0-9]{2}"
    first, *others = (f"(?P<{letter}>{'(?:19|20)[0-9]{2}' if letter == 'Y' else digits})" for letter in letters)
    if "-" not in template:
        return first + "".join(others)
    return f"{first}(?P<{letters}>[-_.: ])" + f"(?P={letters})".join(others)


def _form(form: str) -> re.Pattern[str]:
    """`form` without another digit on either side."""
    return re.compile(f"(?<![0-9]){form}(?![0-9])")


_COMPACT = _fields("hms") + "(?P<fraction>(?:[.,][0-9]+|(?:[0-9]{3}){1,3})?)"
_LETTERED = "(?P<h>[0-9]{1,2})h(?P<m>[0-9]{2})m(?P<s>[0-9]{2})"
_TIMES = [_fields("h-m-s") + "(?P<fraction>(?:[.,][0-9]+)?)", _COMPACT, _LETTERED, _fields("h-m"), _fields("hm")]
"""The most precise first."""
_BETWEEN = "(?:[ _.,@-]{0,3}|[ _-]?t[ _-]?|[ _-]at[ _-])"
"""Between date and time of day."""


def _dated(order: str) -> list[re.Pattern[str]]:
    """A date in this order and a time of day; then, if its year has four digits, a date alone."""
    dates = [_fields("-".join(order)), _fields(order)]
    times = _TIMES if "Y" in order else _TIMES[:-1]  # ten digits are seconds from 1970
    forms = [date + _BETWEEN + time for time in times for date in dates]
    return [_form(form) for form in (*forms, *(dates if "Y" in order else ()))]


_DATED = [[_dated(order) for order in orders] for orders in (("YMD", "DMY", "MDY"), ("yMD", "DMy", "MDy"))]
"""Years of two digits are looked for only if no date with four fits."""
_COMPACT_CLOCK = _form(_COMPACT)
_SHORT_CLOCK = _form("(?P<h>[0-9]{1,2})[-:h](?P<m>[0-9]{2})")
_CLOCKS = [
    _form("(?P<h>[0-9]{1,2})(?P<hms>[-_.: ])(?P<m>[0-9]{2})(?P=hms)(?P<s>[0-9]{2})(?P<fraction>(?:[.,][0-9]+)?)"),
    _form(_LETTERED),
    _COMPACT_CLOCK,
    _SHORT_CLOCK,
]
_ZONE = re.compile(r"(?P<sign>[+-])(?P<h>[0-9]{2})[-:.]?(?P<m>00|15|30|45)(?![0-9])")


def _read_clocks(names: Sequence[str]) -> Reading | None:
    """Times of day."""
    for form in _CLOCKS:
        times = _by_first_that_fits(names, [form])
        # Unless their minutes differ, 000000 to 000059 are plain numbers.
        if times and (form is not _COMPACT_CLOCK or len({time.moment // (60 * SECOND) for time in times}) > 1):
            return Reading(times, dated=False, exact=form is not _SHORT_CLOCK)
    return None


def _with_clock(dates: list[NamedTime]) -> list[NamedTime]:
    """Dates alone with a time of day that stands before them or some way after them, if there is one."""
    if any(date.moment % (86400 * SECOND) for date in dates):
        return dates
    clocks = _read_clocks([f"{date.before}\0{date.after}" for date in dates])
    if clocks is None:
        return dates
    return [clock._replace(moment=date.moment + clock.moment) for date, clock in zip(dates, clocks.names, strict=True)]


def _in_one_zone(times: list[NamedTime]) -> list[NamedTime]:
    """Times that are followed by their difference from UTC (+0100) in UTC: it changes with summer time."""
    zones = [_ZONE.match(time.after) for time in times]
    if not all(zones):
        return times
    return [
        time._replace(moment=time.moment - int(f"{zone['sign']}{60 * int(zone['h']) + int(zone['m'])}") * 60 * SECOND)
        for time, zone in zip(times, zones, strict=True)
        if zone is not None
    ]


def _by_first_that_fits(names: Sequence[str], forms: Sequence[re.Pattern[str]]) -> list[NamedTime] | None:
    """The times by the first of `forms` that fits all names; None if none does."""
    for form in forms:
        times: list[NamedTime] = []
        for name in names:
            time = _time_in(name, form)
            if time is None:
                break
            times.append(time)
        else:
            return times
    return None


def _time_in(name: str, form: re.Pattern[str]) -> NamedTime | None:
    for found in form.finditer(name):
        fields = found.groupdict(default="")
        moment = _moment(fields)
        if moment is not None:
            return NamedTime(name[: found.start()], moment, name[found.end() :], _fraction(fields))
    return None


def _moment(fields: dict[str, str]) -> int | None:
    """Nanoseconds from year 1, or from midnight; None if there is no such time."""
    year, short, month, day, hour, minute, second = (int(fields.get(letter) or 0) for letter in "YyMDhms")
    try:
        date = datetime(year or 2000 + short, month, day) if "D" in fields else datetime.min
    except ValueError:
        return None
    if hour > 23 or minute > 59 or second > 59:
        return None
    since = date - datetime.min + timedelta(hours=hour, minutes=minute, seconds=second)
    return (since.days * 86400 + since.seconds) * SECOND + int(f"{_fraction(fields):0<9}"[:9])


def _fraction(fields: dict[str, str]) -> str:
    return fields.get("fraction", "").lstrip(".,")
