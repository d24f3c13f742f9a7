"""What holds for every test process."""

import gc

import pytest
from hypothesis import settings

# A real Kubernetes API server, for whoever asks for it, and the count of what it accepted.
pytest_plugins = ["cluster_fixtures"]

# How long an example takes says nothing on a machine that does other things too.
settings.register_profile("modelberth", deadline=None)
settings.load_profile("modelberth")

# The provider SDKs are some hundred thousand classes. To look through them for garbage, again and again, takes a
# quarter of the processor time; nothing of them is ever garbage. So: nothing is collected while tests are gathered,
# what is there then is set aside, and after that only what tests leave behind is looked at.
gc.disable()
OBJECTS_BETWEEN_COLLECTIONS = 50_000


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Files that run the engine first: they take minutes, and the last file of a run should be a short one.

    Takes effect with xdist's `--no-loadscope-reorder`; without it, files with few tests, the longest, come last.
    """
    engine = {item.path for item in items if item.get_closest_marker("engine") is not None}
    items.sort(key=lambda item: item.path not in engine)


def pytest_collection_finish(session: pytest.Session) -> None:
    """Set aside what lives until the end."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(OBJECTS_BETWEEN_COLLECTIONS, 20, 50)
    gc.enable()
