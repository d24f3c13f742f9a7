"""Kubernetes quantities, which Cloud Run and Container Apps use too: `500m` of a CPU, `1.5Gi` of memory."""

import re
from collections.abc import Mapping

from modelberth_policies.bill.item import NotPriceable, Values

_QUANTITY = re.compile(r"^(\d+\.?\d*|\.\d+)(?:[eE]([+-]?\d+))?(m|k|M|G|T|P|E|Ki|Mi|Gi|Ti|Pi|Ei)?$")
_FACTORS: Mapping[str | None, float] = {
    None: 1.0,
    "m": 1e-3,
    **{letter: 1000.0 ** (power + 1) for power, letter in enumerate("kMGTPE")},
    **{f"{letter}i": 1024.0 ** (power + 1) for power, letter in enumerate("KMGTPE")},
}
GIB = 1024.0**3


def quantity(values: Values, path: str, default: str | None = None) -> float:
    """The quantity at `path`, in cores or bytes; a number counts as one. Where none stands, `default`."""
    given = values.value(path, default)
    if given is None:
        raise NotPriceable(f"{_full(values, path)} is not set")
    match = _QUANTITY.match(str(given).strip()) if isinstance(given, str | int | float) else None
    if match is None or isinstance(given, bool):
        raise NotPriceable(f"{_full(values, path)} is no quantity, such as 500m or 2Gi")
    digits, exponent, unit = match.groups()
    return float(digits) * 10.0 ** int(exponent or 0) * _FACTORS[unit]


def gib(values: Values, path: str, default: str | None = None) -> float:
    """The memory at `path`, in GiB."""
    return quantity(values, path, default) / GIB


def _full(values: Values, path: str) -> str:
    return f"{values.at}.{path}" if values.at else path
