"""API keys: made once for each client, lost with it, known outside as hashes only."""

import base64
import hashlib

from pulumi.dynamic.dynamic import serialize_provider

from modelberth.core import api_keys
from modelberth.core.api_keys import hashes_of, keys_for
from modelberth.local.keys import ApiKeys, _Provider
from modelberth_policies.sources.program import run_in_process


def test_each_client_keeps_its_key_and_a_new_one_gets_its_own():
    first = keys_for(["web", "batch"], {})
    second = keys_for(["web", "app"], first)
    assert second["web"] == first["web"]
    assert second.keys() == {"web", "app"}
    assert len({*first.values(), *second.values()}) == 3


def test_a_client_that_comes_back_gets_another_key():
    first = keys_for(["web"], {})
    assert keys_for(["web"], keys_for([], first)) != first


def test_a_key_is_long_enough_that_nobody_guesses_it():
    keys = keys_for([f"c{number}" for number in range(200)], {}).values()
    assert len(set(keys)) == 200
    assert all(len(key) >= 43 for key in keys)


def test_the_gateway_is_told_the_hash_alone():
    keys = keys_for(["web"], {})
    assert hashes_of(keys) == {"web": hashlib.sha256(keys["web"].encode()).hexdigest()}
    assert keys["web"] not in str(hashes_of(keys))


def test_an_update_keeps_what_was_made():
    made = _Provider().create({"clients": ["web"]}).outs
    kept = _Provider().update("id", made, {"clients": ["web", "batch"]}).outs
    assert kept["keys"]["web"] == made["keys"]["web"]
    assert kept["hashes"] == hashes_of(kept["keys"])


def test_the_keys_are_secret_in_the_state():
    plan = run_in_process(lambda: ApiKeys("iris-keys", ("web",)) and None)
    (resource,) = plan
    assert resource.options.additional_secret_outputs == ("keys",)
    assert resource.get("clients") == ["web"]


def test_a_stack_finds_the_provider_where_it_has_recorded_it():
    recorded = base64.b64decode(serialize_provider(_Provider()))
    assert b"modelberth.local.keys" in recorded
    assert b"modelberth.core" not in recorded


def test_keys_have_one_type_on_every_target():
    (here,) = run_in_process(lambda: ApiKeys("iris-keys", ("web",)) and None)
    (there,) = run_in_process(lambda: api_keys.ApiKeys("iris-keys", ("web",)) and None)
    assert here.type == there.type == "pulumi-python:dynamic/modelberth:ApiKeys"
    assert here.options == there.options
