"""Times as the cron of Kubernetes reads them. Pure.

Source: robfig/cron, as k8s.io/kubernetes@v1.34.2 uses it (pkg/apis/batch/validation/validation.go, ParseStandard);
https://kubernetes.io/docs/concepts/workloads/controllers/cron-jobs/#schedule-syntax
"""

import re

MONTHS = ("JAN", "FEB", "MAR", "APR", "MAY", "JUN", "JUL", "AUG", "SEP", "OCT", "NOV", "DEC")
WEEKDAYS = ("SUN", "MON", "TUE", "WED", "THU", "FRI", "SAT")
FIELDS = {
    "minute": (0, 59, ()),
    "hour": (0, 23, ()),
    "day of month": (1, 31, ()),
    "month": (1, 12, ("", *MONTHS)),
    "day of week": (0, 6, WEEKDAYS),
}
"""Field to the numbers that it takes, and the words for them by their place."""
_PART = re.compile(r"([*?]|(?P<first>[A-Z0-9]+)(-(?P<last>[A-Z0-9]+))?)(/(?P<step>[0-9]{1,4}))?")


def five_fields(cron: str) -> str:
    """A schedule with one space between its fields. Raises `ValueError` for what Kubernetes would not take."""
    fields = cron.split()
    if len(fields) != len(FIELDS):
        raise ValueError(f"{cron!r} has {len(fields)} fields; write five: {', '.join(FIELDS)}")
    for name, text in zip(FIELDS, fields, strict=True):
        for part in text.split(","):
            _check(name, part)
    return " ".join(fields)


def _check(field: str, part: str) -> None:
    low, high, _ = FIELDS[field]
    match = _PART.fullmatch(part.upper())
    given = [] if match is None else [match[name] for name in ("first", "last") if match[name]]
    numbers = [_number(field, text) for text in given]
    ordered = numbers == sorted(numbers) and all(low <= number <= high for number in numbers)
    still = match is not None and match["step"] is not None and int(match["step"]) == 0
    if match is None or not ordered or still:
        raise ValueError(f"{part!r} is no {field}; allowed are {low} to {high}, ranges, lists, steps and *")


def _number(field: str, text: str) -> int:
    """What a word or a number stands for; -1, which no field takes, where it is neither."""
    words = FIELDS[field][2]
    if text in words:
        return words.index(text)
    return int(text) if text.isdecimal() else -1
