"""The same programs in process and on the real engine: the plan says what the engine says."""

import json

import pytest
from engine_workspace import checkout, export, preview

from modelberth_policies.resources import UNKNOWN, Secret, reveal
from modelberth_policies.sources.preview import plan_of_preview
from modelberth_policies.sources.program import plan
from modelberth_policies.sources.state import plan_of_state

pytestmark = pytest.mark.engine

FIRST = """
    class Site(pulumi.ComponentResource):
        def __init__(self, name, opts=None):
            super().__init__("my:index:Site", name, {"size": 1, "key": pulumi.Output.secret("hunter2")}, opts)
            inner = pulumi.ResourceOptions(parent=self)
            self.bucket = aws.s3.Bucket(name, bucket=f"{name}-b", tags={"a": "b"}, opts=inner)
            self.topic = aws.sns.Topic(f"{name}-topic", kms_master_key_id=self.bucket.arn, opts=inner)
            self.register_outputs({"arn": self.bucket.arn})

    def tagged(args):
        if args.type_ != "aws:sns/topic:Topic":
            return None
        return pulumi.ResourceTransformResult({**args.props, "tags": {"by": "transform"}}, args.opts)

    pulumi.runtime.register_resource_transform(tagged)
    other = aws.Provider("other", region="us-east-1", skip_region_validation=True)
    site = Site("logs", pulumi.ResourceOptions(protect=True, providers=[provider]))
    nested = Site("nested", pulumi.ResourceOptions(parent=site, providers=[other], protect=False))
    aws.sns.Topic("default", name="default", display_name=pulumi.Output.secret("hunter2"))
    aws.sns.Topic("NAME", name="renamed", opts=opts(ALIAS))
    policy = pulumi.Output.all(site.bucket.arn, nested.topic.id).apply(lambda both: json.dumps(both))
    aws.sns.Topic("joined", name="joined", policy=policy, opts=opts(depends_on=[nested], ignore_changes=["tags"],
        custom_timeouts=pulumi.CustomTimeouts(create="10m")))
    pulumi.export("word", pulumi.Output.secret("hunter2"))
    pulumi.export("known", {"a": [1, 2.5, True]})
"""
SECOND = """
    kept = aws.sns.Topic.get("kept", "arn:aws:sns:eu-central-1:123456789012:renamed", opts=opts())
    reference = pulumi.StackReference("organization/small/dev")
    aws.sns.Topic("after", name=kept.name, display_name=reference.get_output("known").apply(json.dumps), opts=opts())
    zone = aws.get_availability_zones_output(opts=pulumi.InvokeOptions(provider=provider))
    aws.sns.Topic("zone", name=zone.names[0], opts=opts())
"""


def program(name="old", alias="", more=""):
    text = FIRST.replace("NAME", name).replace("ALIAS", alias)
    return text + more


@pytest.fixture(scope="module")
def place(tmp_path_factory):
    with checkout(tmp_path_factory.mktemp("as the engine").resolve()) as made:
        made.pulumi("config", "set", "aws:region", "eu-west-1", "--stack", made.stack)
        yield made


def alike(ours, engine, *, also=()):
    """Every resource, with all that both know of it; the engine knows of further inputs, which providers add."""
    assert {one.urn for one in ours} == {one.urn for one in engine}
    for one in ours:
        other = engine[one.urn]
        for field in ("type", "name", "parent", "custom", "external", *also):
            assert getattr(one, field) == getattr(other, field), (one.urn, field)
        for field in ("protect", "provider"):
            assert getattr(one.options, field) == getattr(other.options, field), (one.urn, field)
        for key, value in one.inputs.items():
            assert isinstance(value, Secret) == isinstance(other.inputs.get(key), Secret), (one.urn, key)
            if known(value) and known(other.inputs.get(key)):
                assert value == other.inputs[key], (one.urn, key)
        assert unknown_inputs(one) >= unknown_inputs(other), one.urn
    assert ours.default_providers == {name: {"region": "eu-west-1"} for name in ours.default_providers}


def known(value):
    return UNKNOWN not in (value, reveal(value))


def unknown_inputs(resource):
    return {key for key, value in resource.inputs.items() if value is UNKNOWN}


def test_a_plan_says_what_a_preview_says(place):
    place.write_program(program())
    ours = plan(place.folder, "dev")
    document, events = plan_of_preview(preview(place)), plan_of_preview(preview(place, stream=True))
    assert len(ours) == 11
    alike(ours, document, also=("dependencies", "property_dependencies", "source"))
    alike(ours, events)
    joined = ours["aws:sns/topic:Topic::joined"]
    assert {"policy", "tags"} <= joined.inputs.keys()
    assert joined.options.ignore_changes == document[joined.urn].options.ignore_changes == ("tags",)
    assert joined.options.custom_timeouts == document[joined.urn].options.custom_timeouts == {"create": "10m"}
    # The engine knows what the providers answer in a preview, such as names; never less than the plan.
    assert (ours.outputs, events.outputs) == (
        {"word": Secret("hunter2"), "known": {"a": [1, 2.5, True]}},
        {"word": Secret(UNKNOWN), "known": {"a": [1, 2.5, True]}},
    )
    assert "hunter2" not in repr(ours) + repr(document) + repr(events)
    assert document.default_providers["aws"]["region"] == "eu-west-1"


def test_a_plan_says_what_a_state_says_once_it_is_up(place):
    place.write_program(program())
    ours = plan(place.folder, "dev")
    place.up()
    sealed, shown = plan_of_state(export(place)), plan_of_state(export(place, "--show-secrets"))
    alike(ours, sealed, also=("dependencies", "property_dependencies", "source"))
    default = "aws:sns/topic:Topic::default"
    assert (sealed[default].inputs["displayName"], shown[default].inputs["displayName"]) == (
        Secret(UNKNOWN),
        Secret("hunter2"),
    )
    arn = "arn:aws:s3:::logs-b"
    assert sealed["my:index:Site$aws:s3/bucket:Bucket::logs"].outputs["arn"] == arn
    assert sealed["my:index:Site$aws:sns/topic:Topic::logs-topic"].get("kmsMasterKeyId") == arn
    assert sealed.outputs == {"word": Secret(UNKNOWN), "known": {"a": [1, 2.5, True]}}
    assert sealed.default_providers["aws"]["region"] == "eu-west-1"
    assert (sealed.notes, sealed.project, sealed.stack) == ((), "small", "dev")

    place.write_program(program("new", 'aliases=[pulumi.Alias(name="old")]', SECOND))
    ours = plan(place.folder, "dev")
    file = preview(place, "--show-sames")
    steps = {step["urn"].rpartition("::")[2]: step for step in json.loads(file.read_text())["steps"]}
    assert ours["aws:sns/topic:Topic::new"].options.aliases == (steps["new"]["oldState"]["urn"],)
    assert (steps["new"]["op"], steps["kept"]["op"]) == ("same", "read")
    document = plan_of_preview(file)
    alike(ours, document)
    assert document["aws:sns/topic:Topic::kept"].options.import_id == "arn:aws:sns:eu-central-1:123456789012:renamed"
    assert ours["aws:sns/topic:Topic::kept"].options.import_id == "arn:aws:sns:eu-central-1:123456789012:renamed"
    assert [ours["aws:sns/topic:Topic::after"].get(key) for key in ("name", "displayName")] == [UNKNOWN] * 2
    assert ours["aws:sns/topic:Topic::zone"].get("name") is UNKNOWN
    alike(ours, plan_of_preview(preview(place, "--show-sames", stream=True)))
    assert any("unchanged resources are not in the preview" in note for note in plan_of_preview(preview(place)).notes)


CHANGES = """
    for name, display in {topics}:
        aws.sns.Topic(name, name=name, display_name=display, opts=opts())
    aws.sns.Topic("made-first", name="{replaced}-a", opts=opts(delete_before_replace=False))
    aws.sns.Topic("deleted-first", name="{replaced}-b", opts=opts(delete_before_replace=True))
"""


def test_what_changes_is_in_the_plan_as_it_will_be(tmp_path):
    with checkout(tmp_path.resolve()) as place:
        before = {"topics": [("same", "a"), ("updated", "a"), ("gone", "a")], "replaced": "one"}
        place.write_program(CHANGES.format(**before))
        place.up()
        after = {"topics": [("same", "a"), ("updated", "b"), ("made", "a")], "replaced": "two"}
        place.write_program(CHANGES.format(**after))
        ours = plan(place.folder, "dev")
        file = preview(place, "--show-sames")
        ops = {(step["urn"].rpartition("::")[2], step["op"]) for step in json.loads(file.read_text())["steps"]}
        assert {("same", "same"), ("updated", "update"), ("made", "create"), ("gone", "delete")} <= ops
        assert {("made-first", "replace"), ("deleted-first", "replace")} <= ops
        for document in (file, preview(place, "--show-sames", stream=True)):
            read = plan_of_preview(document)
            alike(ours, read)
            assert read["aws:sns/topic:Topic::updated"].get("displayName") == "b"
            assert read["aws:sns/topic:Topic::made-first"].get("name") == "two-a"
            assert read["aws:sns/topic:Topic::deleted-first"].get("name") == "two-b"
