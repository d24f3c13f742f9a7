"""What every resource of a machine does when its inputs change: none is overlooked, no output is forgotten."""

import errno

import pytest

from modelberth.core.dynamic import changed_inputs
from modelberth.core.errors import ModelberthError
from modelberth.local import certificate, directory, keys, registry, server, supervisor
from modelberth.local.gateway import gateway
from modelberth.local.resource import MachineProvider, explained

PROVIDERS = [module._Provider for module in (certificate, directory, gateway, keys, registry, server, supervisor)]


class Cup(MachineProvider):
    replace_on = ("size",)
    optional = ("lid",)


RECORDED = {"size": 1, "colour": "red", "lid": "flat", "made": "an output"}


@pytest.mark.parametrize(
    ("news", "changes", "replaces"),
    [
        ({"size": 1, "colour": "red", "lid": "flat"}, False, []),
        ({"size": 1, "colour": "red", "lid": "flat", "__provider": "x"}, False, []),
        ({"size": 2, "colour": "red", "lid": "flat"}, True, ["size"]),
        ({"size": 1, "colour": "blue", "lid": "flat"}, True, []),
        ({"size": 1, "colour": "red", "lid": "high"}, True, []),
        ({"size": 1, "colour": "red"}, True, []),
        ({"size": 1, "colour": "red", "lid": "flat", "new": 1}, True, []),
    ],
)
def test_a_changed_input_is_an_update_or_a_new_resource(news, changes, replaces):
    diff = Cup().diff("id", RECORDED, news)
    assert (diff.changes, diff.replaces) == (changes, replaces)


def test_changed_inputs_are_named_in_order():
    assert changed_inputs({"a": 1, "b": 2}, {"b": 3, "a": 2, "__x": 1}) == ["a", "b"]


def test_an_update_keeps_the_outputs():
    assert Cup().update("id", RECORDED, {"colour": "blue"}).outs == {**RECORDED, "colour": "blue"}


@pytest.mark.parametrize("provider", PROVIDERS, ids=lambda provider: provider.__module__)
def test_a_raised_schema_version_is_noticed_by_every_resource(provider):
    recorded = {"schema_version": 1, "certificate": "/no/such/file"}
    assert provider().diff("id", recorded, {**recorded, "schema_version": 2}).changes


@pytest.mark.parametrize("taken_away", ["jwt", "rate", "port"])
def test_a_gateway_notices_what_was_taken_away(taken_away):
    recorded = {"service": "iris", "jwt": {"issuer": "i"}, "rate": {"burst": 1}, "port": 8443, "https_port": 8443}
    wanted = {name: recorded[name] for name in ("service", "jwt", "rate", "port") if name != taken_away}
    assert gateway._Provider().diff("id", recorded, wanted).changes


@pytest.mark.parametrize(
    ("number", "advice"),
    [
        (errno.EACCES, "no permission; give it to this user, or choose another directory"),
        (errno.EROFS, "the file system is read-only; choose another directory"),
        (errno.ENOSPC, "the disk is full; free some space and run the command again"),
    ],
)
def test_a_refusal_of_the_system_is_one_sentence(number, advice):
    with pytest.raises(ModelberthError) as error, explained("runtime directory /srv"):
        raise OSError(number, "words of the system", "/srv/x")
    assert str(error.value) == f"runtime directory /srv (/srv/x): {advice}"


@pytest.mark.parametrize(
    ("error", "message"),
    [
        (FileNotFoundError(errno.ENOENT, "gone", "/srv/x"), "runtime directory /srv (/srv/x): gone"),
        (OSError(errno.EIO, "Input/output error"), "runtime directory /srv: Input/output error"),
        (TimeoutError("timed out"), "runtime directory /srv: timed out"),
    ],
)
def test_any_refusal_of_the_system_is_one_message_with_its_words(error, message):
    with pytest.raises(ModelberthError) as raised, explained("runtime directory /srv"):
        raise error
    assert str(raised.value) == f"{message}; see to it and run the command again"
    assert raised.value.__suppress_context__


def test_a_mistake_in_the_code_passes_as_it_is():
    with pytest.raises(ZeroDivisionError), explained("runtime directory /srv"):
        raise ZeroDivisionError
