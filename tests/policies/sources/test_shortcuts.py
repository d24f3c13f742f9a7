"""The shortcuts change how long a plan takes and nothing else."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

from modelberth_policies.sources import shortcuts
from modelberth_policies.sources.program import ProgramError, plan

PROGRAM = """
    import asyncio, random
    import pulumi.dynamic
    from pulumi import Alias

    class Bucket(CustomResource):
        arn: Output[str]
        def __init__(self, name, props=None, opts=None):
            props = {"arn": None, "tags": None, **(props or {})}
            super().__init__("aws:s3/bucket:Bucket", name, props, opts)

    class Site(pulumi.ComponentResource):
        def __init__(self, name, opts=None):
            super().__init__("my:index:Site", name, {"size": 1}, opts)
            self.bucket = Bucket(name, {"acl": "private", "tags": {"a": 1}}, ResourceOptions(parent=self))
            self.register_outputs({"arn": self.bucket.arn})

    class Provider(pulumi.dynamic.ResourceProvider):
        def create(self, props):
            raise AssertionError

    class Served(pulumi.dynamic.Resource):
        def __init__(self, name, props):
            super().__init__(Provider(), name, {**props, "url": None})

    def made_in_a_function(number):
        return Bucket(f"b{number}", {"n": number, "of": site.bucket.arn}, ResourceOptions(depends_on=[site]))

    aws = pulumi.ProviderResource("aws", "eu", {"region": "eu"})
    site = Site("site", ResourceOptions(protect=True, providers=[aws]))
    aliases = [Alias(name="old"), Alias(parent=pulumi.ROOT_STACK_RESOURCE)]
    child = Site("child", ResourceOptions(parent=site, aliases=aliases))
    buckets = [made_in_a_function(number) for number in range(20)]
    served = Served("s", {"port": 1, "key": Output.secret("k")})
    late = Output.all(*[bucket.id for bucket in buckets]).apply(len)
    Bucket("deep", {"nested": {"list": [buckets[0].arn, {"x": Output.secret(1)}]}, "all": late, "url": served.url,
        "urn": buckets[1].urn, "acl": buckets[0].tags if hasattr(buckets[0], "tags") else None})
    site.bucket.urn.apply(lambda urn: Bucket("in-apply", {"urn": urn, "created": pulumi.create_urn("n", "t:t:T", urn)}))
    reference = pulumi.StackReference("organization/other/dev")
    Bucket("of-another", {"value": reference.get_output("x"), "alias_of": pulumi.create_urn("n", "t:t:T")})
    Bucket.get = classmethod(lambda cls, name, id: cls(name, {"acl": "x"}, ResourceOptions(id=id)))
    Bucket.get("read", "bucket-1")
    pulumi.export("arn", Output.concat("x", site.bucket.arn))
    pulumi.export("known", site.bucket.urn)
"""


def without_shortcuts(root):
    """The plan of an SDK whose inside is not known."""
    boot = Path(shortcuts.__file__).read_text().replace('frozenset({"', 'frozenset({"none ')
    package = root / "unknown" / "modelberth_policies"
    source = Path(shortcuts.__file__).parents[1]
    package.mkdir(parents=True)
    (package / "sources").mkdir()
    for file in (*source.glob("*.py"), *(source / "sources").glob("*.py")):
        (package / file.relative_to(source)).write_text(boot if file.name == "shortcuts.py" else file.read_text())
    return plan(root, "dev", env={"PYTHONPATH": str(package.parent)})


def test_the_plan_is_the_same_with_and_without(project):
    root = project(PROGRAM)
    short, long = plan(root, "dev"), without_shortcuts(root)
    assert len(short) == 31
    # Whoever waits for fewer tasks registers earlier: the order is another, nothing else.
    assert sorted(short, key=lambda each: each.urn) == sorted(long, key=lambda each: each.urn)
    assert (short.outputs, short.notes) == (long.outputs, long.notes)
    assert short["aws:s3/bucket:Bucket::b3"].source == "__main__.py:29"


@pytest.mark.parametrize(
    "program", ["1 / 0", "Output.from_input(1).apply(lambda _: [][1])", "pulumi.RunError", "x = ("]
)
def test_errors_are_the_same_with_and_without(project, program):
    root = project(f"raise {program}('x')" if program == "pulumi.RunError" else program)
    texts = []
    for make in (lambda: plan(root, "dev"), lambda: without_shortcuts(root)):
        with pytest.raises(ProgramError) as info:
            make()
        texts.append(str(info.value))
    assert texts[0] == texts[1]


def test_an_output_that_never_comes_does_not_hide_the_failure_of_a_later_one(project):
    root = project("""
        import asyncio
        async def never():
            await asyncio.Future()
        async def soon():
            await asyncio.sleep(0.5)
            Output.from_input(1).apply(lambda _: 1 / 0)
        Output.from_input(never())
        Output.from_input(soon())
    """)
    with pytest.raises(ProgramError, match="ZeroDivisionError"):
        plan(root, "dev", timeout=20)


def test_the_installed_sdk_is_one_that_was_tested():
    import pulumi._version

    assert pulumi._version._VERSION in shortcuts.TESTED


def test_what_is_left_unimported_is_there_once_it_is_used():
    code = """
import sys
sys.path.insert(0, sys.argv[1])
from modelberth_policies.sources import shortcuts
shortcuts.before_pulumi()
import pulumi
unread = [name for name in ("pulumi.automation._local_workspace", "opentelemetry.sdk.trace") if name in sys.modules]
import pulumi.automation as automation
from pulumi.automation import errors
print(unread, automation.LocalWorkspace.__name__, errors.CommandError.__name__, pulumi.automation.Stack.__name__)
"""
    policies = str(Path(shortcuts.__file__).parents[2])
    done = subprocess.run([sys.executable, "-P", "-c", code, policies], capture_output=True, text=True)
    assert (done.stdout.strip(), done.stderr) == ("[] LocalWorkspace CommandError Stack", "")


def test_a_program_may_use_what_is_left_unimported(project):
    root = project("""
        import pulumi.automation as automation
        pulumi.export("name", automation.LocalWorkspace.__name__)
        pulumi.export("same", pulumi.automation.Stack is automation.Stack)
    """)
    assert json.dumps(dict(plan(root, "dev").outputs)) == '{"name": "LocalWorkspace", "same": true}'
