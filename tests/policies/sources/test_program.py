"""Real programs in folders of their own, run in a process that can be killed."""

import textwrap
import time
from pathlib import Path

import pytest

from modelberth_policies.resources import UNKNOWN, Secret, reveal
from modelberth_policies.sources.program import ProgramError, plan

HEAD = "import pulumi\nfrom pulumi import CustomResource, Output, ResourceOptions\n"


def refused(*arguments, **options):
    with pytest.raises(ProgramError) as info:
        plan(*arguments, **options)
    assert "Traceback" not in str(info.value)
    return str(info.value)


def test_a_program_gives_its_plan(project):
    root = project("""
        print("noise on standard output")
        class Site(pulumi.ComponentResource):
            def __init__(self, name, opts=None):
                super().__init__("my:index:Site", name, {"size": 1}, opts)
                self.bucket = Bucket(name, {"acl": "private"}, ResourceOptions(parent=self))
                self.register_outputs({"id": self.bucket.id})
        class Bucket(CustomResource):
            def __init__(self, name, props, opts=None):
                super().__init__("aws:s3/bucket:Bucket", name, props, opts)
        site = Site("logs", ResourceOptions(protect=True))
        Bucket("copy", {"of": site.bucket.id, "key": Output.secret("hunter2")})
        pulumi.export("where", [pulumi.get_project(), pulumi.get_stack(), pulumi.runtime.is_dry_run()])
    """)
    result = plan(root, "dev")
    assert [item.key for item in result] == [
        "my:index:Site::logs",
        "my:index:Site$aws:s3/bucket:Bucket::logs",
        "aws:s3/bucket:Bucket::copy",
    ]
    child, copy = result.resources[1:]
    assert (child.options.protect, child.source) == (True, "__main__.py:8")
    assert (copy.get("of"), reveal(copy.get("key")), copy.dependencies) == (UNKNOWN, "hunter2", (child.urn,))
    assert result.outputs == {"where": ["p", "dev", True]}
    assert "hunter2" not in repr(result)


SETTINGS = """
    name: p
    runtime: python
    main: app
    stackConfigDir: stacks
    config:
      size: 3
      zone: {type: string, default: a}
      tags: {type: object, default: {b: 1, a: [true]}}
      must: {type: string}
      aws:region: eu-west-1
"""
PROGRAM = """
    import os
    own = pulumi.Config()
    CustomResource("t:t:T", "t", {
        "size": own.require_int("size"), "zone": own.require("zone"), "tags": own.require_object("tags"),
        "must": own.require("must"), "region": pulumi.Config("aws").require("region"),
        "on": own.get("on"), "time": own.get("time"), "date": own.get("date"), "services": own.get_object("services"),
        "token": own.get_secret("token"), "keys": own.get_secret_object("keys"), "cwd": os.path.basename(os.getcwd()),
        "url": own.require_secret("token").apply(lambda token: f"https://{token.upper()}@host"),
    })
"""
STACK = """
    encryptionsalt: v1:none
    config:
      p:must: given
      p:zone: b
      p:on: no
      p:time: 10:30
      p:date: 2024-01-01
      p:services: {ranker: {on: "aws:x/y", min: 0, ratio: 0.5}}
      p:token: {secure: "v1:AAAA"}
      p:keys: [{name: web, hash: {secure: "v1:BBBB"}}]
"""


def test_configuration_is_read_as_the_engine_reads_it(project):
    files = {"app/__main__.py": HEAD + textwrap.dedent(PROGRAM), "stacks/Pulumi.dev.yaml": STACK}
    root = project("", files, SETTINGS)
    (resource,) = plan(root, "dev")
    plain = {key: value for key, value in resource.inputs.items() if not isinstance(value, Secret)}
    assert plain == {
        "size": 3,
        "zone": "b",
        "tags": {"a": [True], "b": 1},
        "must": "given",
        "region": "eu-west-1",
        "on": "no",
        "time": "10:30",
        "date": "2024-01-01 00:00:00 +0000 UTC",  # as Go prints what YAML says is a date
        "services": {"ranker": {"on": "aws:x/y", "min": 0, "ratio": 0.5}},
        "cwd": "app",
    }
    assert (resource.inputs["token"], resource.inputs["url"]) == (Secret(UNKNOWN), Secret(UNKNOWN))
    keys = reveal(resource.inputs["keys"])
    assert keys == [{"name": "web", "hash": UNKNOWN}]
    (resource,) = plan(root, "dev", config={"zone": "c", "aws:region": "us", "token": "t"})
    assert (resource.get("zone"), resource.get("region")) == ("c", "us")


def test_configuration_at_fault_is_named(project):
    files = {"app/__main__.py": "", "stacks/Pulumi.dev.yaml": "config: {}", "stacks/Pulumi.prod.yaml": ""}
    root = project("", files, SETTINGS)
    assert "declares without a default: p:must; write it to Pulumi.dev.yaml" in refused(root, "dev")
    assert refused(root, "staging").endswith("has no stack 'staging'; its stacks are dev, prod")
    (root / "stacks/Pulumi.dev.yaml").write_text("config:\n  a: [")
    assert "stacks/Pulumi.dev.yaml:2: no valid YAML" in refused(root, "dev")


def test_a_folder_without_a_project_is_refused(tmp_path, project):
    assert "holds no Pulumi.yaml" in refused(tmp_path, "dev")
    assert "got runtime 'nodejs'" in refused(project("", settings="name: p\nruntime: nodejs\n"), "dev")
    assert "which does not exist" in refused(project("", settings="name: p\nruntime: python\nmain: gone\n"), "dev")
    (tmp_path / "empty").mkdir()
    assert "holds no __main__.py" in refused(project("", settings="name: p\nruntime: python\nmain: empty\n"), "dev")


@pytest.mark.parametrize(
    ("program", "message"),
    [
        ("1 / 0", "__main__.py:3: ZeroDivisionError: division by zero"),
        ("Output.from_input(1).apply(lambda _: [][1])", "__main__.py:3: IndexError: list index out of range"),
        ("import part", "part.py:2: ValueError: from a module"),
        ("import broken", "broken.py:1: SyntaxError: '(' was never closed"),
        ("raise pulumi.RunError('only this')", "only this"),
        ("raise SystemExit(3)", "__main__.py:3: the program called sys.exit(3)"),
        ("CustomResource('t:t:T', 'a', {'x': {1, 2}})", "unexpected input of type set"),
        ("pulumi.Config().require('gone')", "Missing required configuration variable 'p:gone'"),
    ],
)
def test_a_program_that_raises_gives_one_clean_error(project, program, message):
    files = {"part.py": "def fail():\n    raise ValueError('from a module')\nfail()", "broken.py": "print("}
    text = refused(project(program, files), "dev")
    if message.startswith(("only", "__main__", "part", "broken")):
        assert text == message
    assert message in text


def test_an_import_that_fails_says_for_which_python(project):
    text = refused(project("import no_such_module_anywhere"), "dev")
    assert text.startswith(
        "__main__.py:3: ModuleNotFoundError: No module named 'no_such_module_anywhere'\ninstall it for "
    )


def test_a_urn_made_twice_is_an_error(project):
    text = refused(project("CustomResource('t:t:T', 'a')\nCustomResource('t:t:T', 'a')"), "dev")
    assert text.startswith("two resources have the URN urn:pulumi:dev::p::t:t:T::a")


def test_a_plain_data_source_without_an_answer_is_named(project):
    root = project("""
        account = pulumi.runtime.invoke("aws:account", {}).value["id"]
        CustomResource("t:t:T", "t", {"account": account})
    """)
    assert "unknown in a plan: aws:account; use the `_output` form, or give the result in `invokes`" in refused(
        root, "dev"
    )
    assert plan(root, "dev", invokes={"aws:account": {"id": "1"}}).resources[0].get("account") == "1"


def test_a_secret_that_cannot_be_decrypted_is_explained_where_the_program_needs_its_value(project):
    stack = {"Pulumi.dev.yaml": "config:\n  p:port: {secure: v1:AAAA}"}
    text = refused(project("pulumi.Config().require_secret_int('port')", stack), "dev")
    assert "stands for a `secure:` value, which a plan cannot decrypt; give one in `config`" in text


STARTS_ANOTHER = """
    import pathlib, subprocess, sys, time
    other = subprocess.Popen([sys.executable, "-c", "import time; time.sleep(300)"])
    pathlib.Path("pids").write_text(f"{other.pid} {__import__('os').getpid()}")
"""


def ends(left_running):
    deadline = time.monotonic() + 5
    while left_running() and time.monotonic() < deadline:
        time.sleep(0.02)
    return left_running() == []


@pytest.mark.skipif(not Path("/proc/self").is_dir(), reason="reads /proc to see which processes are left")
@pytest.mark.parametrize("endless", ["while True: pass", "time.sleep(300)", "Output.from_input(1).apply(spin)"])
def test_an_endless_program_meets_its_time_limit_and_leaves_no_process(project, left_running, endless):
    root = project(STARTS_ANOTHER + f"\n    def spin(_):\n        while True: pass\n    {endless}\n")
    start = time.monotonic()
    text = refused(root, "dev", timeout=1.5)
    assert text.startswith("stack 'dev' of p was not done after 1.5 s, at __main__.py:")
    assert time.monotonic() - start < 5
    assert ends(left_running)


@pytest.mark.skipif(not Path("/proc/self").is_dir(), reason="reads /proc to see which processes are left")
def test_what_a_program_started_ends_with_its_plan(project, left_running):
    root = project(STARTS_ANOTHER)
    assert len(plan(root, "dev", timeout=20)) == 0
    assert ends(left_running)


def test_a_process_that_dies_says_so(project):
    assert "ended with code 7 before it had a plan" in refused(project("import os\nos._exit(7)"), "dev")
    killed = refused(project("import os, signal\nos.kill(os.getpid(), signal.SIGSEGV)"), "dev")
    assert "ended by signal 11" in killed


def test_the_projects_own_environment_runs_the_program(project):
    root = project("", settings="name: p\nruntime: {name: python, options: {virtualenv: venv}}\n")
    (root / "venv/bin").mkdir(parents=True)
    (root / "venv/bin/python").write_text("#!/bin/sh\necho \"No module named 'pulumi'\" >&2; exit 1\n")
    (root / "venv/bin/python").chmod(0o755)
    assert refused(root, "dev") == (
        f"{root}/venv/bin/python has no Pulumi SDK; install the program's requirements there (`pulumi install`)"
    )
    import sys

    assert len(plan(root, "dev", python=sys.executable)) == 0
