"""Ports are claimed once and kept; what is taken by others is left alone and said."""

import json
import socket
from contextlib import closing

import pytest

from modelberth.core.errors import ModelberthError
from modelberth.local.ports import GATEWAYS, INTERNAL, claim, is_free, release


@pytest.fixture
def listen():
    opened = []

    def start(port):
        listener = socket.create_server(("127.0.0.1", port))
        opened.append(listener)
        return listener

    try:
        yield start
    finally:
        for listener in opened:
            listener.close()


def test_a_claim_stays(tmp_path, span):
    first = claim(tmp_path, "a", span)
    assert first == span[0]
    assert claim(tmp_path, "b", span) == span[1]
    assert claim(tmp_path, "a", span) == first
    assert json.loads((tmp_path / "ports.json").read_text()) == {"a": span[0], "b": span[1]}


def test_a_claim_that_was_given_back_is_free_for_others(tmp_path, span):
    claim(tmp_path, "a", span)
    release(tmp_path, "a")
    release(tmp_path, "nobody")
    assert claim(tmp_path, "b", span) == span[0]


def test_a_port_that_somebody_listens_on_is_passed_over(tmp_path, span, listen):
    listen(span[0])
    assert not is_free(span[0])
    assert claim(tmp_path, "a", span) == span[1]


def test_a_claim_moves_when_another_program_sits_on_it(tmp_path, span, listen):
    port = claim(tmp_path, "a", span)
    listen(port)
    assert claim(tmp_path, "a", span) == span[1]
    assert json.loads((tmp_path / "ports.json").read_text()) == {"a": span[1]}


def test_a_wanted_port_is_taken_or_refused_by_number(tmp_path, span, listen):
    assert claim(tmp_path, "a", span, wanted=span[3]) == span[3]
    listen(span[4])
    with pytest.raises(ModelberthError) as error:
        claim(tmp_path, "a", span, wanted=span[4])
    assert str(error.value) == (
        f"a: port {span[4]} is taken by another program; stop that program, or write another port"
    )
    assert json.loads((tmp_path / "ports.json").read_text()) == {"a": span[3]}


def test_where_none_is_free_the_range_is_named(tmp_path, span):
    for index, _ in enumerate(span):
        claim(tmp_path, f"k{index}", span)
    with pytest.raises(ModelberthError) as error:
        claim(tmp_path, "late", span)
    assert str(error.value) == f"late: no port from {span[0]} to {span[-1]} is free; stop what listens there"


def test_a_port_whose_listener_is_gone_is_free_at_once(span):
    with closing(socket.create_server(("127.0.0.1", span[0]))) as listener:
        client = socket.create_connection(("127.0.0.1", span[0]))
        accepted, _ = listener.accept()
        accepted.close()
        client.close()
    assert is_free(span[0])


def test_the_ranges_lie_apart_and_below_the_ports_of_outgoing_connections():
    assert set(GATEWAYS).isdisjoint(INTERNAL)
    assert max(*GATEWAYS, *INTERNAL) < 32768
