"""A stand-in cloud, and workspaces whose engine deploys into it."""

import sys
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest

sys.path[:0] = [str(Path(__file__).parent)]

from aws_workspace import AwsWorkspace, WorkspaceFactory  # noqa: E402
from clouds.aws.http import serving  # noqa: E402
from clouds.aws.standin import StandIn  # noqa: E402
from clouds.aws.store import Store  # noqa: E402

CloudFactory = Callable[[], StandIn]


@pytest.fixture(scope="module")
def clouds(tmp_path_factory: pytest.TempPathFactory) -> Iterator[CloudFactory]:
    """`clouds()` is an empty cloud with its HTTP side; all of them end with the module."""
    with ExitStack() as running:

        def made() -> StandIn:
            store = Store(tmp_path_factory.mktemp("cloud"))
            return StandIn(store.folder, running.enter_context(serving(store)))

        yield made


@pytest.fixture
def cloud(clouds: CloudFactory) -> StandIn:
    """An empty cloud for one test."""
    return clouds()


@pytest.fixture(scope="module")
def aws_workspace(
    engine: dict[str, str], clouds: CloudFactory, tmp_path_factory: pytest.TempPathFactory
) -> WorkspaceFactory:
    """`aws_workspace("prod")` is a checkout whose stack prod is made, not yet up; `.cloud` is what it deploys into.

    With `program="…"` it runs this Python program instead of the repository's; with `cloud` it uses that cloud.
    """

    def made(stack: str = "dev", program: str | None = None, cloud: StandIn | None = None) -> AwsWorkspace:
        place = AwsWorkspace(tmp_path_factory.mktemp(stack), engine, cloud or clouds(), stack)
        if program is None:
            place.copy_repository()
        else:
            place.write_program(program)
        place.pulumi("stack", "init", stack)
        return place

    return made
