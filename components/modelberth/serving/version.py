"""Whether the version a request asks for is the one served: `v1` matches 1.x, `v1.0` 1.0.x, `1.0.0` only itself."""

import re

_ASKED = re.compile(r"v?(\d{1,9}(?:\.\d{1,9}){0,2})(-[0-9A-Za-z.-]{1,64})?(\+[0-9A-Za-z.-]{1,64})?", re.ASCII)


def is_version(text: str) -> bool:
    """Whether this can be the version of a model: one to three numbers, then `-pre` or `+build` if need be."""
    return _ASKED.fullmatch(text) is not None


def matches(asked: str, served: str) -> bool:
    """Whether `served` is what `asked` means; a pre-release answers only to its whole name, builds are alike."""
    asked_numbers, asked_pre = _parts(asked)
    numbers, pre = _parts(served)
    if asked_pre or pre:
        return (asked_numbers, asked_pre) == (numbers, pre)
    return numbers[: len(asked_numbers)] == asked_numbers


def _parts(version: str) -> tuple[tuple[int, ...], str]:
    match = _ASKED.fullmatch(version)
    if match is None:
        raise ValueError("not a version")
    return tuple(int(number) for number in match[1].split(".")), match[2] or ""
