"""What AWS schedule expressions mean in a month: `runs_per_month("cron(0 * ? * * *)")` is 730.

Fields: https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-scheduled-rule-pattern.html. What it cannot read
(`L`, `W`, `#`) is None. Time zones are left out: they move a run, they do not add one.
"""

import re
from collections.abc import Callable, Sequence
from datetime import date, timedelta

_RATE = re.compile(r"rate\((\d+) (minute|hour|day)s?\)")
_CRON = re.compile(r"cron\(([^)]*)\)")
_HOURS = {"minute": 1 / 60, "hour": 1.0, "day": 24.0}
_MONTH_NAMES = ("JAN", "FEB", "MAR", "APR", "MAY", "JUN", "JUL", "AUG", "SEP", "OCT", "NOV", "DEC")
_DAY_NAMES = ("SUN", "MON", "TUE", "WED", "THU", "FRI", "SAT")
_MONTHS = {name: number for number, name in enumerate(_MONTH_NAMES, 1)}
_DAYS = {name: number for number, name in enumerate(_DAY_NAMES, 1)}
_YEAR = [date(2027, 1, 1) + timedelta(days) for days in range(365)]
WEEK_MINUTES = 7 * 24 * 60
HOURS_A_MONTH = 730.0


def runs_per_month(expression: str) -> float | None:
    """How often it fires in an average month. None: it is not understood."""
    rate = _RATE.fullmatch(expression.strip())
    if rate is not None:
        hours = int(rate[1]) * _HOURS[rate[2]]
        return HOURS_A_MONTH / hours if hours else None
    fields = _fields(expression)
    if fields is None:
        return None
    minutes, hours_of_day, fits = fields
    return len(minutes) * len(hours_of_day) * sum(map(fits, _YEAR)) / 12


def minutes_of_week(expression: str) -> list[int] | None:
    """The minutes of a week, from Sunday, at which it fires. None: it is not understood, or weeks differ."""
    fields = _fields(expression)
    if fields is None:
        return None
    minutes, hours, fits = fields
    weeks = {tuple(fits(_YEAR[2 + 7 * week + day]) for day in range(7)) for week in range(51)}
    if len(weeks) != 1:
        return None
    days = [day for day, fires in enumerate(weeks.pop()) if fires]
    return [(day * 24 + hour) * 60 + minute for day in days for hour in hours for minute in minutes]


def _fields(expression: str) -> tuple[list[int], list[int], Callable[[date], bool]] | None:
    found = _CRON.fullmatch(expression.strip())
    parts = found[1].split() if found else []
    if len(parts) != 6:
        return None
    minutes, hours = _numbers(parts[0], 0, 59), _numbers(parts[1], 0, 23)
    days, months = _numbers(parts[2], 1, 31), _numbers(parts[3], 1, 12, _MONTHS)
    weekdays = _numbers(parts[4], 1, 7, _DAYS)
    if minutes is None or hours is None or days is None or months is None or weekdays is None:
        return None
    return minutes, hours, lambda day: day.day in days and day.month in months and day.isoweekday() % 7 + 1 in weekdays


def _numbers(field: str, first: int, last: int, names: dict[str, int] | None = None) -> list[int] | None:
    """The numbers that a field allows: `*`, `?`, `5`, `MON-FRI`, `0/15`, `1,3`."""
    chosen: set[int] = set()
    for part in field.split(","):
        found = re.fullmatch(r"([*?]|\w+)(?:-(\w+))?(?:/(\d+))?", part)
        if found is None:
            return None
        start, end, step = found.groups()
        bounds = (first, last) if start in "*?" else _bounds(start, end, last if step else None, names or {})
        if bounds is None or not first <= bounds[0] <= bounds[1] <= last or step == "0":
            return None
        chosen.update(range(bounds[0], bounds[1] + 1, int(step or 1)))
    return sorted(chosen)


def _bounds(start: str, end: str | None, open_end: int | None, names: dict[str, int]) -> tuple[int, int] | None:
    numbers = [names.get(word.upper(), int(word) if word.isdigit() else -1) for word in (start, end or start)]
    if -1 in numbers:
        return None
    return numbers[0], numbers[1] if end is not None or open_end is None else open_end


def weekly_average(changes: Sequence[tuple[str, float]], otherwise: float) -> float:
    """The average of a value that schedules set. Where one of them is not understood, the mean of all values."""
    events: list[tuple[int, float]] = []
    for expression, value in changes:
        minutes = minutes_of_week(expression)
        if minutes is None:
            return (otherwise + sum(value for _, value in changes)) / (len(changes) + 1)
        events += [(minute, value) for minute in minutes]
    if not events:
        return otherwise
    events.sort()
    ends = [minute for minute, _ in events[1:]] + [events[0][0] + WEEK_MINUTES]
    return sum(value * (end - start) for (start, value), end in zip(events, ends, strict=True)) / WEEK_MINUTES
