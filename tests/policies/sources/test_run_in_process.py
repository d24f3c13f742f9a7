"""A function that makes resources, run in process: what the plan says of parents, unknowns, secrets and options."""

import pulumi
import pulumi.dynamic
import pytest
from pulumi import Alias, CustomResource, Output, ResourceOptions

from modelberth_policies.resources import MISSING, UNKNOWN, Secret, reveal
from modelberth_policies.sources.monitor import DuplicateUrn
from modelberth_policies.sources.program import run_in_process

BUCKET = "aws:s3/bucket:Bucket"
STACK = "urn:pulumi:s::p::pulumi:pulumi:Stack::p-s"


class Bucket(CustomResource):
    """As a generated SDK declares a resource: `arn` is an output only."""

    arn: Output[str]

    def __init__(self, name, props=None, opts=None):
        super().__init__(BUCKET, name, {**(props or {}), "arn": None}, opts)


class Site(pulumi.ComponentResource):
    def __init__(self, name, args=None, opts=None):
        super().__init__("my:index:Site", name, args or {}, opts)
        self.bucket = Bucket(name, {"acl": "private"}, ResourceOptions(parent=self))
        self.register_outputs({"arn": self.bucket.arn, "name": name})


def test_parents_stand_in_the_urn_and_children_are_found():
    def program():
        outer = Site("logs", {"size": 2})
        Site("inner", opts=ResourceOptions(parent=outer))

    plan = run_in_process(program)
    assert [resource.key for resource in plan] == [
        "my:index:Site::logs",
        f"my:index:Site${BUCKET}::logs",
        "my:index:Site$my:index:Site::inner",
        f"my:index:Site$my:index:Site${BUCKET}::inner",
    ]
    site = plan["my:index:Site::logs"]
    assert (site.parent, site.is_component, dict(site.inputs)) == (STACK, True, {"size": 2})
    assert site.outputs == {"arn": UNKNOWN, "name": "logs"}
    assert [child.name for child in plan.children(site)] == ["logs", "inner"]
    assert plan.children(plan.urn) == (site,)
    assert plan.of_type(BUCKET)[0].source.startswith("tests/policies/sources/test_run_in_process.py:")


def test_what_only_a_cloud_knows_is_unknown_and_what_follows_from_it_too():
    def program():
        first = Bucket("first", {"acl": "private"})
        Bucket("second", {
            "id": first.id, "arn_of": first.arn, "policy": first.arn.apply(lambda arn: {"Resource": arn}),
            "nested": {"known": 1, "list": [first.arn, "x"]}, "acl": first.__dict__["acl"], "open": 1,
        })  # fmt: skip
        pulumi.export("arn", first.arn)
        pulumi.export("known", {"a": [1, 2.5, True]})

    plan = run_in_process(program)
    second = plan[f"{BUCKET}::second"]
    assert [second.get(path) for path in ("id", "arn_of", "policy", "policy.Resource", "nested.list[0]")] == [
        UNKNOWN
    ] * 5
    assert [second.get(path) for path in ("nested.known", "nested.list[1]", "acl", "none")] == [
        1,
        "x",
        "private",
        MISSING,
    ]
    assert second.dependencies == (plan[f"{BUCKET}::first"].urn,)
    assert second.property_dependencies["arn_of"] == second.dependencies
    assert "open" not in second.property_dependencies
    assert plan.outputs == {"arn": UNKNOWN, "known": {"a": [1, 2.5, True]}}


def test_secrets_stay_secret_through_outputs_and_exports():
    def program():
        password = pulumi.Config().require_secret("password")
        owner = Bucket("owner", {"password": password})
        Bucket("user", {"url": Output.concat("db://", password), "deep": {"list": [password]}, "open": 1})
        Bucket("late", {"both": Output.all(password, owner.arn).apply(str)})
        pulumi.export("password", password)

    plan = run_in_process(program, config={"password": {"secure": "v1:abc"}})
    assert plan[f"{BUCKET}::owner"].inputs["password"] == Secret(UNKNOWN)
    assert plan[f"{BUCKET}::user"].inputs["url"] == Secret(UNKNOWN)
    assert plan[f"{BUCKET}::user"].get("deep.list[0]") is UNKNOWN
    assert plan[f"{BUCKET}::late"].get("both") is UNKNOWN
    assert plan.outputs["password"] == Secret(UNKNOWN)

    def known():
        Bucket("user", {"url": Output.concat("db://", Output.secret("hunter2")), "open": 1})

    plan = run_in_process(known)
    url = plan[f"{BUCKET}::user"].get("url")
    assert (isinstance(url, Secret), reveal(url)) == (True, "db://hunter2")
    assert "hunter2" not in repr(plan)


def test_options_reach_the_plan_with_resources_as_urns():
    def program():
        eu = pulumi.ProviderResource("aws", "eu", {"region": "eu-west-1"})
        base = Bucket("base", opts=ResourceOptions(provider=eu))
        site = Site("site", opts=ResourceOptions(protect=True, providers=[eu], retain_on_delete=True))
        aliases = [Alias(name="old"), Alias(parent=site), "urn:pulumi:s::p::x:y:Z::w"]
        Bucket("full", opts=ResourceOptions(
            depends_on=[base], aliases=aliases, ignore_changes=["tags"], delete_before_replace=True,
            custom_timeouts=pulumi.CustomTimeouts(create="10m"), deleted_with=base, import_="bucket-1",
            additional_secret_outputs=["key"], replace_on_changes=["acl"],
        ))  # fmt: skip

    plan = run_in_process(program)
    provider = "urn:pulumi:s::p::pulumi:providers:aws::eu"
    base = plan[f"{BUCKET}::base"]
    child = plan[f"my:index:Site${BUCKET}::site"].options
    assert base.options.provider == provider
    assert (base.options.protect, base.options.delete_before_replace) == (False, None)
    assert (child.provider, child.protect, child.retain_on_delete) == (provider, True, True)
    assert plan["my:index:Site::site"].options.providers == {"aws": provider}
    full = plan[f"{BUCKET}::full"]
    assert full.dependencies == (base.urn,)
    assert full.options.aliases == (
        f"urn:pulumi:s::p::{BUCKET}::old",
        f"urn:pulumi:s::p::my:index:Site${BUCKET}::full",
        "urn:pulumi:s::p::x:y:Z::w",
    )
    assert (full.options.ignore_changes, full.options.replace_on_changes) == (("tags",), ("acl",))
    assert (full.options.delete_before_replace, full.options.deleted_with) == (True, base.urn)
    assert (full.options.import_id, full.options.custom_timeouts) == ("bucket-1", {"create": "10m"})
    assert full.options.additional_secret_outputs == ("key",)


def test_transforms_of_component_and_stack_are_applied():
    def tag(key):
        def transform(args):
            if args.type_ != BUCKET:
                return None
            opts = ResourceOptions.merge(args.opts, ResourceOptions(protect=True))
            return pulumi.ResourceTransformResult({**args.props, key: "yes"}, opts)

        return transform

    def program():
        pulumi.runtime.register_resource_transform(tag("stack"))
        Site("site", opts=ResourceOptions(transforms=[tag("component")]))
        Bucket("plain", opts=ResourceOptions(ignore_changes=["tags"]))

    plan = run_in_process(program)
    inside, plain = plan[f"my:index:Site${BUCKET}::site"], plan[f"{BUCKET}::plain"]
    assert dict(inside.inputs) == {"acl": "private", "component": "yes", "stack": "yes"}
    assert dict(plain.inputs) == {"stack": "yes"}
    assert (plain.options.protect, plain.options.ignore_changes) == (True, ("tags",))


def test_a_urn_made_twice_is_an_error_that_names_both_places():
    def program():
        Bucket("same")
        Bucket("same")

    with pytest.raises(
        DuplicateUrn, match=rf"{BUCKET}::same \(tests/.*:\d+ and tests/.*:\d+\); give one of them"
    ) as info:
        run_in_process(program)
    assert "Traceback" not in str(info.value)


class NoProvider(pulumi.dynamic.ResourceProvider):
    def create(self, props):
        raise AssertionError("a plan runs no provider")


class Server(pulumi.dynamic.Resource):
    url: Output[str]

    def __init__(self, name, props):
        super().__init__(NoProvider(), name, {**props, "url": None})


def test_a_dynamic_resource_shows_its_inputs_and_not_its_pickled_provider():
    def program():
        server = Server("iris", {"port": 8080})
        pulumi.export("url", server.url)

    plan = run_in_process(program)
    (server,) = plan
    assert server.type == "pulumi-python:dynamic:Resource"
    assert dict(server.inputs) == {"port": 8080}
    assert plan.outputs == {"url": UNKNOWN}


def test_a_stack_reference_and_a_read_resource_are_external_with_unknown_outputs():
    def program():
        other = pulumi.StackReference("organization/network/prod")
        Bucket("b", {"vpc": other.require_output("vpc"), "subnet": other.get_output("subnet")})
        Bucket.__init__(Bucket.__new__(Bucket), "read", {"acl": "x"}, ResourceOptions(id="bucket-9"))

    plan = run_in_process(program)
    bucket = plan[f"{BUCKET}::b"]
    assert (bucket.get("vpc"), bucket.get("subnet")) == (UNKNOWN, UNKNOWN)
    read = plan[f"{BUCKET}::read"]
    assert (read.external, read.options.import_id, read.get("acl")) == (True, "bucket-9", "x")
    assert plan["pulumi:pulumi:StackReference::organization/network/prod"].external


def test_a_data_source_is_unknown_without_an_answer_and_known_with_one():
    def program():
        zone = pulumi.runtime.invoke_output("aws:zone", {"name": "a"})
        Bucket("b", {"zone": zone["id"]})

    assert run_in_process(program).resources[0].get("zone") is UNKNOWN
    assert run_in_process(program, invokes={"aws:zone": {"id": "z1"}}).resources[0].get("zone") == "z1"
    answered = run_in_process(program, invokes={"aws:zone": lambda args: {"id": f"z-{args['name']}"}})
    assert answered.resources[0].get("zone") == "z-a"


def test_configuration_arrives_as_the_engine_hands_it_over():
    seen = {}

    def program():
        own, aws = pulumi.Config(), pulumi.Config("aws")
        seen.update(
            size=own.require_int("size"), on=own.require_bool("on"), services=own.require_object("services"),
            region=aws.require("region"), raw=own.require("services"), secret=own.require_secret_object("keys"),
        )  # fmt: skip

    config = {"size": 3, "on": True, "services": {"b": [1], "a": None}, "aws:region": "eu", "keys": [{"secure": "x"}]}
    run_in_process(program, config=config)
    assert seen["raw"] == '{"a":null,"b":[1]}'
    assert {key: seen[key] for key in ("size", "on", "services", "region")} == {
        "size": 3, "on": True, "services": {"b": [1], "a": None}, "region": "eu",
    }  # fmt: skip
    assert isinstance(seen["secret"], Output)
