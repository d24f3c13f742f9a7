"""Secrets: never in plain text, files where they are used."""

import base64
import json

import pulumi
import pytest

from modelberth.core.errors import ConfigError
from modelberth.kubernetes.encryption import (
    ExternalSecret,
    Issuer,
    SealedSecret,
    certificate,
    secret,
    secret_mount,
    secret_volume,
)
from modelberth.kubernetes.manifest import Place
from modelberth.kubernetes.objects import create
from modelberth_policies.resources import Secret
from modelberth_policies.sources.program import run_in_process

PLACE = Place("models", "ml")
STORE = {"name": "vault"}


def sealed(value, **fields):
    """The inputs of the Secret that a program makes of a value, and of a component that records it."""

    def program():
        shape = SealedSecret.parse({"values": {"key": value() if callable(value) else value}, **fields})
        create({"keys": secret("keys", shape, PLACE)}, pulumi.ResourceOptions())

    return run_in_process(program)["kubernetes:core/v1:Secret::keys"].inputs


@pytest.mark.parametrize("output", [pulumi.Output.secret, pulumi.Output.from_input])
@pytest.mark.parametrize("text", ["open sesame", "", "ключ", json.dumps({"a": 1})])
def test_a_value_is_secret_from_the_moment_it_is_read(output, text):
    found = sealed(lambda: output(text))["data"]
    value = found.value["key"] if isinstance(found, Secret) else found["key"].value
    encoded = value.value if isinstance(value, Secret) else value
    assert base64.b64decode(encoded).decode() == text


def test_plain_text_is_refused_and_not_repeated():
    with pytest.raises(ConfigError, match=r"values\.key: is plain text") as error:
        SealedSecret.parse({"values": {"key": "open sesame"}})
    assert "sesame" not in str(error.value)


def test_a_value_that_is_no_text_is_refused_when_it_is_known():
    with pytest.raises(Exception, match="key: its value is no text; hand a text"):
        sealed(lambda: pulumi.Output.secret(17))


def test_a_value_of_a_store_never_passes_through_the_program():
    keys = {"token": {"key": "prod/models", "property": "token"}, "whole": {"key": "prod/whole", "version": "7"}}
    shape = ExternalSecret.parse({"store": STORE, "keys": keys, "refresh": "10m"})
    made = secret("keys", shape, PLACE)
    assert made["kind"] == "ExternalSecret"
    assert made["spec"] == {
        "secretStoreRef": {"kind": "SecretStore", "name": "vault"},
        "refreshInterval": "600s",
        "target": {
            "name": "keys",
            "creationPolicy": "Owner",
            "deletionPolicy": "Retain",
            "template": {"type": "Opaque"},
        },
        "data": [
            {"secretKey": "token", "remoteRef": {"key": "prod/models", "property": "token"}},
            {"secretKey": "whole", "remoteRef": {"key": "prod/whole", "version": "7"}},
        ],
    }


def test_a_secret_with_which_images_are_pulled_has_its_type():
    keys = {".dockerconfigjson": {"key": "prod/registry"}}
    shape = ExternalSecret.parse({"store": STORE, "keys": keys, "type": "kubernetes.io/dockerconfigjson"})
    assert secret("registry", shape, PLACE)["spec"]["target"]["template"] == {"type": "kubernetes.io/dockerconfigjson"}


def test_it_is_mounted_as_files_that_others_cannot_read():
    volume = secret_volume("keys", "model-keys", ["token"])
    assert volume == {
        "name": "keys",
        "secret": {"secretName": "model-keys", "defaultMode": 0o440, "items": [{"key": "token", "path": "token"}]},
    }
    assert "items" not in secret_volume("keys", "model-keys")["secret"]
    assert secret_mount("keys", "/keys") == {"name": "keys", "mountPath": "/keys", "readOnly": True}


def test_a_certificate_is_renewed_before_it_ends_with_a_new_key():
    made = certificate("web", PLACE, ["a.example.com", "b.example.com"], Issuer(name="ca", kind="Issuer"))
    spec = made["spec"]
    assert spec["dnsNames"] == ["a.example.com", "b.example.com"]
    assert spec["issuerRef"]["kind"] == "Issuer"
    assert 0 < int(spec["renewBefore"].removesuffix("s")) < int(spec["duration"].removesuffix("s"))
    assert spec["privateKey"]["rotationPolicy"] == "Always"
