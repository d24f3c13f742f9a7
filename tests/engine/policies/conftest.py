"""A checkout with packs beside its program, and a stand-in AWS to deploy into."""

import sys
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest

sys.path[:0] = [str(Path(__file__).parent), str(Path(__file__).parents[1] / "aws")]

from checked import Checked, CheckedFactory  # noqa: E402
from clouds.aws.http import serving  # noqa: E402
from clouds.aws.standin import StandIn  # noqa: E402
from clouds.aws.store import Store  # noqa: E402


@pytest.fixture(scope="module")
def checked(engine: dict[str, str], tmp_path_factory: pytest.TempPathFactory) -> Iterator[CheckedFactory]:
    """`checked("…")` is a checkout that runs this Python program, its stack prod made, and the packs in `policies/`."""
    with ExitStack() as running:

        def made(program: str, stack: str = "prod") -> Checked:
            store = Store(tmp_path_factory.mktemp("cloud"))
            cloud = StandIn(store.folder, running.enter_context(serving(store)))
            return Checked(tmp_path_factory.mktemp("a checkout"), engine, cloud, stack, program)

        yield made
