"""Public names of a package that are imported once somebody asks for them, so that the package itself stays light."""

import importlib
from collections.abc import Callable, Mapping
from typing import Any


def lazily(package: str, homes: Mapping[str, tuple[str, ...]]) -> Callable[[str], Any]:
    """The `__getattr__` of a package (PEP 562). `homes`: module below the package to the names that come from it."""
    home_of = {name: f"{package}.{module}" for module, names in homes.items() for name in names}

    def public(name: str) -> Any:
        if name not in home_of:
            raise AttributeError(f"module {package!r} has no attribute {name!r}")
        return getattr(importlib.import_module(home_of[name]), name)

    return public
