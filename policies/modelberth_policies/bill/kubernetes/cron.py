"""How often a cron schedule of five fields fires in a month of average length."""

_MACROS = {
    "@hourly": "0 * * * *",
    "@daily": "0 0 * * *",
    "@midnight": "0 0 * * *",
    "@weekly": "0 0 * * 0",
    "@monthly": "0 0 1 * *",
    "@yearly": "0 0 1 1 *",
    "@annually": "0 0 1 1 *",
}
_BOUNDS = ((0, 59), (0, 23), (1, 31), (1, 12), (0, 7))
DAYS_A_MONTH = 365 / 12


def runs_per_month(schedule: str) -> float | None:
    """Runs a month; None where the schedule is not understood."""
    fields = _MACROS.get(schedule.strip(), schedule).split()
    if len(fields) != len(_BOUNDS):
        return None
    try:
        minutes, hours, days, months, weekdays = (_values(*pair) for pair in zip(fields, _BOUNDS, strict=True))
    except ValueError:
        return None
    of_month = sum(_share_of_months(day) for day in days) / DAYS_A_MONTH
    of_week = len({day % 7 for day in weekdays}) / 7
    # Cron takes a day if either field names it, where both are restricted.
    both = fields[2] != "*" and fields[4] != "*"
    share = of_month + of_week - of_month * of_week if both else of_month * of_week
    return len(minutes) * len(hours) * DAYS_A_MONTH * share * len(months) / 12


def _share_of_months(day: int) -> float:
    return {29: 11 / 12, 30: 11 / 12, 31: 7 / 12}.get(day, 1.0)


def _values(field: str, bounds: tuple[int, int]) -> set[int]:
    found: set[int] = set()
    for part in field.split(","):
        span, _, step = part.partition("/")
        first, _, last = span.partition("-")
        low = bounds[0] if span == "*" else int(first)
        high = bounds[1] if span == "*" or (step and not last) else int(last or first)
        if not bounds[0] <= low <= high <= bounds[1]:
            raise ValueError(part)
        found |= set(range(low, high + 1, int(step or 1)))
    return found
