"""How much of the machine a model server gets: as many threads in every library as it was given, and no more."""

import itertools
import sys

import pytest

from modelberth.core.errors import ConfigError
from modelberth.local.config import TIMEOUT_SECONDS, LocalEndpointArgs
from modelberth.local.scaling import THREAD_VARIABLES, command_of, environment_of, ready_path
from modelberth.runtimes import load, names
from modelberth.runtimes.runtime import Start

ARGS = LocalEndpointArgs.model_construct(threads=3, memory_mib=512)
PLAIN = [name for name in names() if load(name).process is not None]


@pytest.mark.parametrize("threads", [1, 8])
def test_every_library_is_told_the_number_of_threads(threads):
    environment = environment_of(load("serving"), threads)
    assert {environment[name] for name in THREAD_VARIABLES} == {str(threads)}


def test_our_server_is_told_its_limits_and_labels_and_where_to_find_python():
    command = command_of(load("serving"), ARGS, {"owner": "platform"})
    assert command[0] == sys.executable
    pairs = list(itertools.pairwise(command))
    assert ("--threads", "3") in pairs
    assert ("--memory-limit-mib", "512") in pairs
    assert ("--drain-seconds", str(TIMEOUT_SECONDS)) in pairs
    assert ("--log-label", "owner=platform") in pairs


def test_labels_follow_the_runtimes_own_option_or_are_left_out():
    start = Start(command=("serve", "{port}"), label_option="--tag")
    mine = load("serving").model_copy(update={"process": start})
    labels = {"owner": "platform", "service": "iris"}
    assert command_of(mine, ARGS, labels) == ("serve", "{port}", "--tag", "owner=platform", "--tag", "service=iris")
    without = mine.model_copy(update={"process": start.model_copy(update={"label_option": None})})
    assert command_of(without, ARGS, labels) == ("serve", "{port}")


@pytest.mark.parametrize("word", ["{model}", "{name}", "{version}", "{host}", "{port}"])
def test_what_only_the_machine_knows_is_left_open(word):
    assert word in " ".join(command_of(load("serving"), ARGS, {}))


def test_our_server_is_asked_where_it_is_ready():
    assert ready_path(load("serving")) == "/readyz"


@pytest.mark.parametrize("name", PLAIN)
def test_every_runtime_that_runs_as_a_process_has_a_command(name):
    assert command_of(load(name), ARGS, {})
    assert ready_path(load(name)).startswith("/")


def test_a_runtime_of_containers_only_is_refused():
    with pytest.raises(ConfigError) as error:
        command_of(load("triton"), ARGS, {})
    assert str(error.value) == "configuration: 1 fault\n  runtime: triton cannot run as a plain process; write serving"
