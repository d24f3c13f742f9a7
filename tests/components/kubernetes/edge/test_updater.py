"""The updater of a box: a CronJob with the rights of what a bundle may have, and no more."""

import json

import pytest
from components.kubernetes.edge.boxes import PRIVATE_PEM, PUBLIC_PEM, UPDATER
from components.kubernetes.edge.samples import DIGEST, LABELS
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from modelberth.core.errors import ConfigError
from modelberth.kubernetes.edge.box_api import PATHS
from modelberth.kubernetes.edge.bundle import bundle_of
from modelberth.kubernetes.edge.published import pointer_of, sign
from modelberth.kubernetes.edge.sums import TamperedError
from modelberth.kubernetes.edge.updater import EdgeUpdater, EdgeUpdaterArgs, updater_objects
from modelberth_policies.evaluate import evaluate
from modelberth_policies.limits import DEFAULTS
from modelberth_policies.rule import Category
from modelberth_policies.rules import ALL
from modelberth_policies.sources.program import run_in_process

RULES = [rule for rule in ALL if rule.category is not Category.COST]
PINNED = {**{key: value for key, value in UPDATER.items() if key != "key"}, "pinned": DIGEST}


def objects(fields=UPDATER, name="updates"):
    return updater_objects(EdgeUpdaterArgs.parse(fields), name)


@pytest.mark.parametrize("fields", [UPDATER, PINNED], ids=["key", "pinned"])
def test_it_breaks_no_rule_in_production(fields):
    plan = run_in_process(lambda: EdgeUpdater("updates", {**fields, "labels": LABELS}), stack="prod")
    assert [f"{each.rule} {each.name}: {each.message}" for each in evaluate(plan, RULES, DEFAULTS["prod"])] == []


def test_its_rights_are_those_of_what_a_bundle_may_have():
    rules = objects()["updates-role"]["rules"]
    allowed = {(rule["apiGroups"][0], resource) for rule in rules for resource in rule["resources"]}
    assert allowed == {(version.rpartition("/")[0], resource) for (version, _), resource in PATHS.items()}
    assert {verb for rule in rules for verb in rule["verbs"]} == {"get", "create", "patch", "delete"}


@pytest.mark.parametrize(("fields", "proof"), [(UPDATER, "--key"), (PINNED, "--pinned")])
def test_it_is_told_how_a_bundle_proves_itself(fields, proof):
    pod = objects(fields)["updates"]["spec"]["jobTemplate"]["spec"]["template"]["spec"]
    [container] = pod["containers"]
    assert container["args"][-2] == proof
    assert container["imagePullPolicy"] == "Never"
    assert pod["restartPolicy"] == "Never"


def test_it_can_itself_be_carried_to_a_box_as_a_bundle():
    bundle = bundle_of(objects().values())
    assert bundle.images == (UPDATER["image"],)


WRONG = {
    "nothing that proves": ({"key": None}, "got neither of key and pinned; give one of them, by which"),
    "two proofs": ({"pinned": DIGEST}, "got both of key and pinned; give one of them"),
    "a private key": ({"key": PRIVATE_PEM.decode()}, "key: "),
    "clear text": ({"source": "http://updates.example.com"}, "source: "),
    "no API server": (
        {"foundation": {**UPDATER["foundation"], "cluster": {"kubeconfig": "k", "context": "c"}}},
        "foundation.cluster.api_server says not where the API server is, so that its network policy would keep the "
        "updater from it; name it there",
    ),
    "no time to become ready": ({"ready_within": "5s"}, "ready_within: "),
}  # fmt: skip


@pytest.mark.parametrize("case", WRONG)
def test_what_could_not_work_is_refused_and_says_why(case):
    fields, told = WRONG[case]
    with pytest.raises(ConfigError) as error:
        EdgeUpdaterArgs.parse({**UPDATER, **fields})
    assert told in str(error.value)


@pytest.fixture
def pointer(tmp_path):
    path = tmp_path / "current.json"
    path.write_text(json.dumps({"bundle": DIGEST}))
    sign(path, PRIVATE_PEM, 3)
    return json.loads(path.read_text())


def test_a_signed_pointer_is_believed_and_a_pinned_one_needs_no_signature(pointer):
    found = pointer_of(json.dumps(pointer).encode(), PUBLIC_PEM, None)
    assert (found.digest, found.sequence) == (DIGEST, 3)
    assert pointer_of(json.dumps({"bundle": DIGEST}).encode(), None, DIGEST).digest == DIGEST


OTHER = Ed25519PrivateKey.generate().public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)
FORGED = {
    "another digest": ({"bundle": f"sha256:{'9' * 64}"}, PUBLIC_PEM, None, "its signature is not of the key"),
    "another number": ({"sequence": 4}, PUBLIC_PEM, None, "its signature is not of the key"),
    "another key": ({}, OTHER, None, "its signature is not of the key"),
    "no signature": ({"signature": ""}, PUBLIC_PEM, None, "its signature is not of the key"),
    "no digest at all": ({"bundle": "latest"}, PUBLIC_PEM, None, "names no digest"),
    "a path": ({"bundle": "sha256:../../x"}, PUBLIC_PEM, None, "names no digest"),
    "another than is pinned": ({}, None, f"sha256:{'9' * 64}", "is pinned"),
    "nothing that proves it": ({}, None, None, "nothing proves it: neither a key nor a digest was given"),
    "no number": ({"sequence": "x"}, PUBLIC_PEM, None, "is no pointer to a bundle"),
}


@pytest.mark.parametrize("case", FORGED)
def test_a_pointer_that_does_not_prove_itself_is_refused(case, pointer):
    change, key, pinned, told = FORGED[case]
    with pytest.raises(TamperedError, match=told):
        pointer_of(json.dumps({**pointer, **change}).encode(), key, pinned)


@pytest.mark.parametrize("text", [b"", b"{", b"[]", b"null", b"\xff", b'{"bundle": 1}'])
def test_what_is_no_pointer_is_refused(text):
    with pytest.raises(TamperedError):
        pointer_of(text, PUBLIC_PEM, None)


def test_a_name_too_long_for_its_jobs_is_refused():
    assert objects(name="u" * 40)
    with pytest.raises(ConfigError, match="40 characters at most; rename it"):
        objects(name="u" * 41)
