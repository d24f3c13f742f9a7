"""What the SDK does for an engine and nobody reads in a plan, left out: over half of the time of a program.

For the process that runs one program and ends. `before_pulumi` holds for any SDK; `within_pulumi` reaches into the SDK
and so is taken only for versions whose inside was read and tested. With any other the plan comes later, and a document
of which a part is unknown is unknown as a whole (`documents`).
"""

import gc
import importlib
import sys
from types import ModuleType
from typing import Any

TESTED = frozenset({"3.272.0"})
"""Versions of the SDK that `within_pulumi` knows. Add the next one once test_shortcuts.py passes with it."""
UNREAD = ("pulumi.automation", "pulumi.runtime._instrumentation")
"""What `import pulumi` imports and few programs use: a third of its time."""
_ALLOCATIONS = 100_000
"""New objects between two looks for garbage. At the default of 700 that looking is a quarter of the whole run."""


class Later(ModuleType):
    """Stands for a module until someone reads a name of it."""

    def __getattr__(self, name: str) -> Any:
        if name.startswith("__") and name != "__path__":
            raise AttributeError(name)
        if sys.modules.get(self.__name__) is self:
            del sys.modules[self.__name__]
        return getattr(importlib.import_module(self.__name__), name)


def before_pulumi() -> None:
    """Called before anything imports `pulumi`."""
    gc.disable()
    for name in UNREAD:
        sys.modules[name] = Later(name)


def after_pulumi(version: str) -> None:
    """Called once `pulumi` is imported. What was imported so far is never looked through for garbage."""
    gc.freeze()
    gc.set_threshold(_ALLOCATIONS, 20, 100)
    gc.enable()
    if version in TESTED:
        from modelberth_policies.sources import documents, within_pulumi

        within_pulumi.shorten()
        documents.keep_documents()
