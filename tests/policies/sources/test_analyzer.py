"""The pack server by its protocol, as the engine speaks it; `tests/engine/policies` has the engine itself."""

import math
import sys
from concurrent.futures import ThreadPoolExecutor
from datetime import date, timedelta

import grpc
import pytest
from analyzed import LINK, PACK, PROVIDER, ROOT, THING, Engine, at_the_end, told, urn
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from pulumi.runtime.proto import analyzer_pb2 as pb
from pulumi.runtime.proto import analyzer_pb2_grpc

from modelberth_policies.packs import COST, SECURITY
from modelberth_policies.rule import Category
from modelberth_policies.sources import analyzer
from modelberth_policies.sources.values import OUTPUT, RESOURCE, SECRET, SIGNATURE, UNKNOWN_TEXT


@pytest.fixture
def folder(tmp_path):
    return tmp_path


@pytest.fixture
def engine(folder):
    server, port = analyzer.started(PACK, folder)
    channel = grpc.insecure_channel(f"127.0.0.1:{port}")
    try:
        yield Engine(analyzer_pb2_grpc.AnalyzerStub(channel))
    finally:
        channel.close()
        server.stop(0).wait()


def refused(call, *arguments, **options):
    with pytest.raises(grpc.RpcError) as caught:
        call(*arguments, **options)
    return caught.value.details()


def test_each_rule_is_listed_by_its_own_id_with_the_level_of_the_environment(engine):
    listed = {policy.name: policy for policy in engine.begin().policies}
    assert set(listed) == {rule.id for rule in PACK.rules} | {"exemptions"}
    closed = listed["thing-closed"]
    assert (closed.enforcementLevel, closed.severity, closed.policy_type) == (pb.MANDATORY, 3, pb.POLICY_TYPE_RESOURCE)
    assert (closed.framework.name, closed.framework.reference) == ("CIS AWS 7.0", "4.6")
    assert list(closed.tags) == ["privacy", "CIS AWS 7.0 4.6", "NIST SC-28"]
    assert (closed.displayName, closed.description, closed.remediation_steps) == (
        "thing closed",
        "A test wants it.",
        "Do it.",
    )
    assert listed["thing-linked"].policy_type == pb.POLICY_TYPE_STACK
    assert listed["thing-raises"].enforcementLevel == pb.ADVISORY
    assert {policy.enforcementLevel for policy in engine.begin(stack="dev").policies} == {pb.ADVISORY}


def test_our_packs_hold_every_rule_once():
    rules = [rule.id for rule in (*SECURITY.rules, *COST.rules)]
    assert len(rules) == len(set(rules)) > 0
    assert {rule.category for rule in COST.rules} <= {Category.COST}
    assert Category.COST not in {rule.category for rule in SECURITY.rules}


def test_levels_of_the_configuration_win(engine):
    engine.begin(levels={"thing-closed": pb.ADVISORY, "thing-linked": pb.DISABLED, "all": pb.MANDATORY})
    assert engine.analyze(open=True) == [("thing-closed", pb.ADVISORY, "one is open.\nFix: Do it.")]
    assert engine.finish(at_the_end()) == []
    engine.begin(levels={"thing-closed": pb.REMEDIATE})
    assert engine.analyze(open=True)[0][1] == pb.MANDATORY
    assert "there is no rule 'thing-opne'" in refused(engine.begin, levels={"thing-opne": pb.ADVISORY})


def test_a_rule_takes_no_properties(engine):
    engine.begin()
    config = pb.PolicyConfig(enforcementLevel=pb.ADVISORY)
    config.properties.update({"days": 3})
    request = pb.ConfigureAnalyzerRequest(policyConfig={"thing-closed": config})
    assert "thing-closed takes a level only, got days" in refused(engine.stub.Configure, request)


def test_what_is_unknown_in_a_preview_is_asked_again_at_the_end(engine):
    engine.begin()
    for name in ("given", "unknown"):
        assert engine.analyze(name, open=True, key=UNKNOWN_TEXT) == [
            ("thing-closed", pb.MANDATORY, f"{name} is open.\nFix: Do it.")
        ]
    given = at_the_end("given", depends={"key": [urn("key")]})
    said = [each for each in engine.finish(given, at_the_end("unknown")) if each[0] == "thing-closed"]
    message = "unknown has key that is known only later, so thing-closed cannot be answered."
    assert said == [("thing-closed", pb.ADVISORY, message)]


def test_what_is_unknown_in_an_update_is_said_before_the_resource_is_made(engine, folder):
    (folder / "limits.yaml").write_text("environments: {prod: {undeterminable: mandatory}}")
    engine.begin(preview=False)
    said = engine.analyze(open=UNKNOWN_TEXT)
    assert [each[:2] for each in said] == [("thing-closed", pb.MANDATORY)]
    assert [each[0] for each in engine.finish(at_the_end())] == ["thing-linked"]


def test_an_unknown_is_never_silent(engine, folder):
    (folder / "limits.yaml").write_text("environments: {prod: {undeterminable: disabled}}")
    engine.begin()
    assert engine.analyze(open=UNKNOWN_TEXT) == []
    assert ("thing-closed", pb.ADVISORY) in [each[:2] for each in engine.finish(at_the_end())]


def test_rules_on_several_resources_read_inputs_and_dependencies(engine):
    engine.begin()
    for name in ("one", "two", "three"):
        engine.analyze(name)
    engine.analyze("link", LINK, to=UNKNOWN_TEXT)
    engine.analyze("other", LINK, to="thing-3")
    link = at_the_end("link", LINK, depends={"to": [urn("one")]})
    ends = (at_the_end("one"), at_the_end("two"), at_the_end("three", id="thing-3"), at_the_end("other", LINK), link)
    said = [each for each in engine.finish(*ends) if each[0] == "thing-linked"]
    assert said == [("thing-linked", pb.MANDATORY, "two has no link.\nFix: Do it.")]


def test_what_is_only_read_is_not_judged_but_known(engine):
    engine.begin()
    engine.analyze("link", LINK, to="thing-9")
    assert engine.finish(at_the_end("read", id="thing-9"), at_the_end("link", LINK)) == []


def test_components_and_the_providers_of_the_engine_are_not_judged(engine):
    engine.begin()
    default = pb.AnalyzeRequest(type="pulumi:providers:acme", urn=PROVIDER + "default_1_0_0", name="default_1_0_0")
    assert told(engine.stub.Analyze(default)) == []
    assert engine.analyze(open=True, provider=None) == []
    assert engine.analyze("theirs") == []
    assert [each[0] for each in engine.analyze("ours", provider="default_1_0_0")] == ["provider-named"]
    stack = pb.AnalyzeRequest(type="pulumi:pulumi:Stack", urn=ROOT, name="shop-prod")
    assert told(engine.stub.Analyze(stack)) == []


def exempt(folder, **changes):
    fields = {
        "rule": "thing-closed",
        "resource": "urn:pulumi:prod::shop::*::one",
        "reason": "It moves in January.",
        "owner": "ml-platform",
        "expires": date.today() + timedelta(30),
        **changes,
    }
    lines = "\n".join(
        f'    {key}: "{value}"' if key != "expires" else f"    {key}: {value}" for key, value in fields.items()
    )
    (folder / "exemptions.yaml").write_text("exemptions:\n  -\n" + lines)


def test_an_exemption_spares_its_violation_alone_and_is_listed(engine, folder):
    exempt(folder)
    engine.begin(levels={"thing-linked": pb.DISABLED})
    assert engine.analyze(open=True) == []
    assert engine.analyze("two", open=True) != []
    listed = f"in force:\nthing-closed for urn:pulumi:prod::shop::*::one until {date.today() + timedelta(30)}"
    ((policy, level, message),) = engine.finish(at_the_end(), at_the_end("two"))
    assert (policy, level) == ("exemptions", pb.ADVISORY)
    assert message == f"{listed} (ml-platform: It moves in January.), findings: 1"


def test_exemptions_that_cannot_stand(engine, folder):
    exempt(folder, expires=date.today() - timedelta(1))
    assert "exemptions.0.expires: expired on" in refused(engine.begin)
    exempt(folder, resource="urn:pulumi:prod::shop::*::gone")
    engine.begin()
    engine.analyze()
    ((policy, level, message),) = engine.finish(at_the_end())
    assert (policy, level) == ("exemptions", pb.MANDATORY)
    assert "exemptions.0.resource" in message
    exempt(folder, rule="kms-rotation", resource="urn:pulumi:prod::shop::*::gone")
    engine.begin(levels={"thing-linked": pb.DISABLED})
    assert engine.finish() == [], "another pack's exemption is that pack's business"


def test_a_rule_that_raises_is_named_and_its_values_are_not(engine):
    engine.begin()
    ((policy, level, message),) = engine.analyze(boom="hunter2")
    assert (policy, level) == ("thing-raises", pb.MANDATORY)
    assert message.startswith("one cannot be judged: thing-raises raised KeyError at analyzed.py:")


@pytest.mark.parametrize("secret", ["hunter2-text", '{"Sid": "hunter2-part"}'])
def test_a_secret_is_no_part_of_a_message(engine, secret):
    engine.begin()
    ((_, _, message),) = engine.analyze(tell={SIGNATURE: SECRET, "value": secret})
    assert "hunter2" not in message
    ((_, _, message),) = engine.analyze(
        tell="hunter2-part", whole={SIGNATURE: SECRET, "value": '{"Sid": "hunter2-part"}'}
    )
    assert message == "one says a secret.\nFix: Do it."


leaves = st.one_of(
    st.none(), st.booleans(), st.floats(), st.text(max_size=5), st.just(UNKNOWN_TEXT), st.just(math.nan),
)  # fmt: skip
signed = st.builds(
    lambda signature, rest: {SIGNATURE: signature, **rest},
    st.sampled_from([SECRET, OUTPUT, RESOURCE, "c44067f5952c0a294b673a41bacd8c17", "unheard of"]),
    st.dictionaries(st.sampled_from(["value", "plaintext", "ciphertext", "secret", "urn", "id", "text"]), leaves),
)
values = st.recursive(
    leaves | signed,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=10,
)


@settings(max_examples=100, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(properties=st.dictionaries(st.sampled_from(["open", "key", "boom", "tell", "to", "x"]), values))
def test_no_value_ends_the_server(engine, properties):
    engine.begin()
    engine.analyze(**properties)
    engine.analyze("link", LINK, **properties)
    said = engine.finish(at_the_end(**properties), at_the_end("link", LINK, **properties))
    assert all(level in (pb.ADVISORY, pb.MANDATORY) and message for _, level, message in said)


@pytest.fixture
def shallow():
    """Python's own limit of nesting, as a pack has it, whatever other tests of this process set."""
    kept = sys.getrecursionlimit()
    sys.setrecursionlimit(1000)
    yield
    sys.setrecursionlimit(kept)


@pytest.mark.usefixtures("shallow")
def test_depth_that_nobody_can_read_is_unknown(engine):
    engine.begin()
    request = pb.AnalyzeRequest(type=THING, urn=urn("one"), name="one")
    request.provider.urn = PROVIDER + "ours"
    inner = request.properties.fields["open"]
    for _ in range(600):
        inner = inner.list_value.values.add()
    assert told(engine.stub.Analyze(request)) == []
    assert "thing-closed" in [each[0] for each in engine.finish(at_the_end())]


def test_many_resources_at_the_same_time(engine):
    engine.begin(levels={"provider-named": pb.DISABLED})
    names = [f"thing-{number}" for number in range(200)]
    with ThreadPoolExecutor(8) as pool:
        found = list(pool.map(lambda name: engine.analyze(name, open=name.endswith("0")), names))
    assert [bool(each) for each in found] == [name.endswith("0") for name in names]
    said = engine.finish(*map(at_the_end, names))
    assert [each[0] for each in said] == ["thing-linked"] * 200


def test_an_unforeseen_fault_tells_no_value(engine, monkeypatch):
    engine.begin()
    monkeypatch.setattr(analyzer, "resource_of", lambda *_: {}["hunter2"])
    assert refused(engine.analyze).startswith("own: KeyError at test_analyzer.py:")
