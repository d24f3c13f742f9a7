"""A checkout for tests that compare a plan with what the real engine says of the same program."""

import json
import sys
from contextlib import contextmanager
from pathlib import Path

from clouds.aws.http import serving
from clouds.aws.standin import StandIn
from clouds.aws.store import Store

ENGINE_TESTS = Path(__file__).parents[2] / "engine"


@contextmanager
def checkout(folder, stack="dev"):
    """A workspace with a made stack and a stand-in cloud of its own."""
    sys.path[:0] = [str(ENGINE_TESTS), str(ENGINE_TESTS / "aws")]
    from aws_workspace import AwsWorkspace

    from workspace import environment_for_tests

    store = Store(folder / "cloud")
    (folder / "checkout").mkdir()
    with serving(store) as url:
        place = AwsWorkspace(folder / "checkout", environment_for_tests(), StandIn(store.folder, url), stack)
        place.write_program("")
        place.pulumi("stack", "init", stack)
        yield place


def preview(place, *arguments, stream=False):
    """The file that `pulumi preview --json` writes."""
    place.environment["PULUMI_ENABLE_STREAMING_JSON_PREVIEW"] = "true" if stream else "false"
    done = place.pulumi("preview", "--stack", place.stack, "--json", *arguments)
    file = place.folder / ("events.json" if stream else "preview.json")
    file.write_text(done.stdout)
    return file


def export(place, *arguments):
    """The file that `pulumi stack export` writes."""
    file = place.folder / "state.json"
    done = place.pulumi("stack", "export", "--stack", place.stack, *arguments)
    assert json.loads(done.stdout)["deployment"]
    file.write_text(done.stdout)
    return file
