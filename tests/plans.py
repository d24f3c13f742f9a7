"""A plan that many tests look at is made once: `@remembered` on the function that makes it."""

from collections import OrderedDict
from collections.abc import Callable, Mapping
from functools import wraps
from typing import Any

from modelberth_policies.resources import Plan

MOST = 32
"""Plans that one function keeps; those of one file of tests are fewer."""


class _NotPlainError(Exception):
    """An argument that cannot be compared, such as an Output."""


def remembered(planned: Callable[..., Plan]) -> Callable[..., Plan]:
    """`planned`, which answers with the plan of an earlier call with the same arguments where there was one.

    A plan is a value: nobody changes it. With an argument that is not plain data, and after an error, it is made anew.
    """
    kept: OrderedDict[Any, Plan] = OrderedDict()

    @wraps(planned)
    def asked(*args: Any, **named: Any) -> Plan:
        try:
            key = _plain((args, named))
        except _NotPlainError:
            return planned(*args, **named)
        if key not in kept:
            kept[key] = planned(*args, **named)
            if len(kept) > MOST:
                kept.popitem(last=False)
        return kept[key]

    return asked


def _plain(value: Any) -> Any:
    """Something hashable that is the same for the same plain data, in which `1`, `1.0`, `True` and `"1"` differ."""
    if value is None or isinstance(value, str | int | float | type):
        return type(value), value
    if isinstance(value, Mapping):
        return dict, tuple((_plain(key), _plain(item)) for key, item in value.items())
    if isinstance(value, list | tuple):
        return type(value), tuple(map(_plain, value))
    raise _NotPlainError
