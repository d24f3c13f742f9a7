"""Between a claim and the start of a server its port can be taken: `ports.started` then tries the next one."""

import json
import socket

import pytest

from modelberth.core.errors import ModelberthError
from modelberth.local.ports import ATTEMPTS, claim, started


@pytest.fixture
def take():
    """Another program takes a port."""
    opened = []

    try:
        yield lambda port: opened.append(socket.create_server(("127.0.0.1", port)))
    finally:
        for listener in opened:
            listener.close()


class Starts:
    """A start that fails where `fails` says so, after another program has taken the first `taken` ports."""

    def __init__(self, take, taken=0, fails=None):
        self.take, self.taken, self.fails, self.tried = take, taken, fails, []

    def __call__(self, port):
        self.tried.append(port)
        if len(self.tried) <= self.taken:
            self.take(port)
            raise ModelberthError(f"port {port}: address in use")
        if self.fails is not None:
            raise self.fails


def claims(directory):
    return json.loads((directory / "ports.json").read_text())


def test_what_starts_keeps_its_claim(tmp_path, span, take):
    start = Starts(take)
    assert started(tmp_path, "a", span, start) == span[0]
    assert (start.tried, claims(tmp_path)) == ([span[0]], {"a": span[0]})


@pytest.mark.parametrize("taken", range(1, ATTEMPTS))
def test_a_port_that_was_taken_meanwhile_is_left_for_the_next_one(tmp_path, span, take, taken):
    start = Starts(take, taken)
    assert started(tmp_path, "a", span, start) == span[taken]
    assert start.tried == list(span[: taken + 1])
    assert claims(tmp_path) == {"a": span[taken]}


def test_too_many_taken_ports_are_one_message(tmp_path, span, take):
    start = Starts(take, ATTEMPTS)
    with pytest.raises(ModelberthError) as error:
        started(tmp_path, "a", span, start)
    assert str(error.value) == f"a: other programs took {ATTEMPTS} ports in a row; run the command again"
    assert (len(start.tried), claims(tmp_path)) == (ATTEMPTS, {})


@pytest.mark.parametrize("failure", [ModelberthError("the model is broken"), OSError("disk"), KeyboardInterrupt()])
def test_any_other_failure_passes_and_gives_the_claim_back(tmp_path, span, take, failure):
    claim(tmp_path, "b", span)
    start = Starts(take, fails=failure)
    with pytest.raises(type(failure)) as error:
        started(tmp_path, "a", span, start)
    assert error.value is failure
    assert (start.tried, claims(tmp_path)) == ([span[1]], {"b": span[0]})


def test_a_wanted_port_that_was_taken_meanwhile_is_not_replaced(tmp_path, span, take):
    start = Starts(take, 1)
    with pytest.raises(ModelberthError, match=f"^port {span[2]}: address in use$"):
        started(tmp_path, "a", span, start, wanted=span[2])
    assert (start.tried, claims(tmp_path)) == ([span[2]], {})


def test_a_wanted_port_that_is_taken_already_starts_nothing(tmp_path, span, take):
    take(span[2])
    start = Starts(take)
    with pytest.raises(ModelberthError, match=f"^a: port {span[2]} is taken by another program"):
        started(tmp_path, "a", span, start, wanted=span[2])
    assert start.tried == []
