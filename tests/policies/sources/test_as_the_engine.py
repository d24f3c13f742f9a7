"""The same programs in process and on the real engine: the plan says what the engine says."""

import json
from pathlib import Path

import pytest
from engine_workspace import checkout, export, preview

from modelberth_policies.resources import UNKNOWN, Secret, reveal
from modelberth_policies.sources.preview import plan_of_preview
from modelberth_policies.sources.program import ProgramError, plan
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
    aws.sns.Topic("replaced", name="{replaced}", opts=opts(delete_before_replace={first}))
"""


@pytest.mark.parametrize("first", [True, False])
def test_what_changes_is_in_the_plan_as_it_will_be(tmp_path, first):
    with checkout(tmp_path.resolve()) as place:
        before = {"topics": [("same", "a"), ("updated", "a"), ("gone", "a")], "replaced": "one", "first": first}
        place.write_program(CHANGES.format(**before))
        place.up()
        after = {"topics": [("same", "a"), ("updated", "b"), ("made", "a")], "replaced": "two", "first": first}
        place.write_program(CHANGES.format(**after))
        ours = plan(place.folder, "dev")
        file = preview(place, "--show-sames")
        ops = {step["op"] for step in json.loads(file.read_text())["steps"]}
        assert {"same", "update", "create", "replace", "delete"} <= ops
        for document in (file, preview(place, "--show-sames", stream=True)):
            read = plan_of_preview(document)
            alike(ours, read)
            assert read["aws:sns/topic:Topic::updated"].get("displayName") == "b"
            assert read["aws:sns/topic:Topic::replaced"].get("name") == "two"


PROJECT = """
name: small
runtime: {name: python, options: {toolchain: pip, virtualenv: %s}}
stackConfigDir: stacks
config:
  size: 3
  flag: true
  number: {default: 1.5}
  list: [1, a, true]
  object: {type: object, default: {b: "<x>&é", a: [true, 1.0, 2.5]}}
  count: {type: integer}
  deep: {type: array, items: {type: array, items: {type: integer}}, default: [[1], [2, 3]]}
  small:own: x
  aws:region: eu-west-1
  aws:tags: {value: {a: 1}}
"""
STACK = """
config:
  small:nothing:
  small:float: 1000.0
  small:fraction: 1.50
  small:big: 12345678901234567890
  small:bits: [0x1F, 0o17, 017, 0b11, 1_000, 08, 1e3, -7, +7, .5]
  small:count: "12"
  small:flags: [True, on, no, ~, FALSE]
  small:date: 2024-01-01
  small:moments: [2024-01-01T10:30:05Z, 2024-01-01 10:30:05.25, 2024-01-01T10:30:05+02:00, 10:30, 2024-13-45]
  small:empty: ""
  small:nested: {z: 1.0, a: null, "<": é, 5: x, big: 1e21}
  bare: without namespace
  aws:config:old: spelling
"""
SHOWN = "import json, os, pulumi\npulumi.export('given', json.loads(os.environ['PULUMI_CONFIG']))\n"
SHOWN += "pulumi.export('secret', json.loads(os.environ['PULUMI_CONFIG_SECRET_KEYS']))\n"


@pytest.fixture(scope="module")
def configured(tmp_path_factory):
    import sys

    with checkout(tmp_path_factory.mktemp("configured").resolve()) as made:
        (made.folder / "Pulumi.yaml").write_text(PROJECT % json.dumps(sys.prefix))
        (made.folder / "stacks").mkdir()
        (made.folder / "__main__.py").write_text(SHOWN)
        yield made


def test_configuration_reaches_a_program_as_from_the_engine(configured):
    (configured.folder / "stacks/Pulumi.dev.yaml").write_text(STACK)
    configured.pulumi("config", "set", "--secret", "token", "hunter2", "--stack", "dev")
    configured.pulumi("config", "set", "--secret", "--path", "keys[0].hash", "hunter2", "--stack", "dev")
    ours = plan(configured.folder, "dev").outputs
    engine = plan_of_preview(preview(configured, stream=True)).outputs
    given, theirs = ours["given"], engine["given"]
    assert reveal(given["small:token"]) is reveal(given["small:keys"]) is UNKNOWN
    secrets = {"small:token", "small:keys"}
    assert set(ours["secret"]) == set(engine["secret"]) == secrets
    assert {k: v for k, v in given.items() if k not in secrets} == {k: v for k, v in theirs.items() if k not in secrets}


@pytest.mark.parametrize(
    ("project", "stack", "engine_says", "message"),
    [
        ("count: {type: integer}", "", "is missing configuration value 'count'", "without a default: small:count"),
        ("a: {type: integer}", "small:a: x", "must be of type 'integer'", "small:a must be integer, got 'x'"),
        ("a: {type: integer}", "small:a: 1.5", "must be of type 'integer'", "small:a must be integer, got 1.5"),
        ("a: {type: boolean}", "small:a: yes", "must be of type 'boolean'", "small:a must be boolean, got 'yes'"),
        ("a: {type: string}", "small:a: [x]", "must be of type 'string'", "small:a must be string, got a list"),
        (
            "a: {type: array, items: {type: integer}}",
            "small:a: [1, x]",
            "must be of type 'array<integer>'",
            "small:a must be array<integer>, got a list",
        ),
        ("a: {type: object}", "small:a: x", "must be of type 'object'", "small:a must be object, got 'x'"),
        ("a: {type: array}", "small:a: []", "does not specify the underlying type", "is an array without `items`"),
        ("a: {default: 1, value: 2}", "", "cannot have both a 'default' and 'value'", "both `default` and `value`"),
        ("a:", "small:a: x", "could not validate", "config small:a is empty; give it a type"),
        ("aws:a: {type: string}", "", "should not define a type", "takes `value` only"),
        ("a: {type: integer, default: x}", "", "not of the expected type", "small:a must be integer, got 'x'"),
        ("a: {type: string, secret: true}", "small:a: x", "must be encrypted", "is declared secret and must be encr"),
    ],
)
def test_configuration_that_the_engine_refuses_is_refused(configured, project, stack, engine_says, message):
    head = (configured.folder / "Pulumi.yaml").read_text().partition("config:\n")[0]
    (configured.folder / "Pulumi.yaml").write_text(f"{head}config:\n  {project}\n")
    (configured.folder / "stacks/Pulumi.dev.yaml").write_text(f"config:\n  {stack}\n" if stack else "")
    with pytest.raises(ProgramError) as info:
        plan(configured.folder, "dev")  # first, because the engine writes the stack's file anew
    refused = configured.pulumi("preview", "--stack", "dev", check=False)
    assert engine_says in refused.stdout + refused.stderr
    assert message in str(info.value)
    assert str(Path("Pulumi.yaml")) in str(info.value)


@pytest.mark.parametrize(
    ("project", "stack"),
    [
        ("a: {type: integer}", "small:a: '12'"),
        ("a: {type: integer}", "small:a: 1000.0"),
        ("a: {type: string}", "small:a: 5"),
        ("a: {type: boolean}", "small:a: 'true'"),
        ("a: {secret: true}", "small:a: plain"),
        ("a: {type: array, items: {type: boolean}}", "small:a: [true, 'false']"),
        ("a: {type: string, default: ''}", ""),
    ],
)
def test_configuration_that_the_engine_takes_is_taken(configured, project, stack):
    head = (configured.folder / "Pulumi.yaml").read_text().partition("config:\n")[0]
    (configured.folder / "Pulumi.yaml").write_text(f"{head}config:\n  {project}\n")
    (configured.folder / "stacks/Pulumi.dev.yaml").write_text(f"config:\n  {stack}\n" if stack else "")
    engine = plan_of_preview(preview(configured, stream=True)).outputs
    assert plan(configured.folder, "dev").outputs == engine
