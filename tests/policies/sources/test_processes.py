"""A program in its process: started early, forking, printing; what it takes from elsewhere is said."""

import time

import pytest

from modelberth_policies.resources import UNKNOWN
from modelberth_policies.sources.program import ProgramError, plan, start_plan


def test_a_plan_is_made_while_its_caller_does_something_else(project):
    root = project("import time\ntime.sleep(0.4)\nCustomResource('t:t:T', 'a', {'text': 'x' * 300_000})")
    start = time.monotonic()
    running = start_plan(root, "dev")
    started = time.monotonic() - start
    time.sleep(3)
    before = time.monotonic()
    assert running.result().resources[0].get("text") == "x" * 300_000
    assert started < 0.3
    assert time.monotonic() - before < 0.5  # it was done, though nobody read: the pipe holds less than the plan


def test_a_start_refuses_what_it_can_see_at_once(project):
    with pytest.raises(ProgramError, match="which does not exist"):
        start_plan(project("", settings="name: p\nruntime: python\nmain: gone\n"), "dev")
    with pytest.raises(ProgramError, match="no/python cannot be started: No such file"):
        start_plan(project(""), "dev", python="no/python")


def test_a_plan_that_nobody_waits_for_ends(project, left_running):
    program = "import os, pathlib, time\npathlib.Path('pids').write_text(str(os.getpid()))\ntime.sleep(300)"
    root = project(program)
    with start_plan(root, "dev"):
        deadline = time.monotonic() + 10
        while not (root / "pids").is_file() and time.monotonic() < deadline:
            time.sleep(0.05)
        assert left_running()
    assert not left_running()


@pytest.mark.parametrize("leaves", ["pass", "os._exit(0)", "raise ValueError('in the fork')", "time.sleep(300)"])
def test_a_program_that_forks_has_one_plan(project, left_running, leaves):
    root = project(f"""
        import os, time
        CustomResource("t:t:T", "a")
        if os.fork() == 0:
            open("pids", "w").write(str(os.getpid()))
            {leaves}
        else:
            while not os.path.exists("pids") or not open("pids").read():
                time.sleep(0.01)
            CustomResource("t:t:T", "b")
    """)
    assert [one.name for one in plan(root, "dev", timeout=20)] == ["a", "b"]
    deadline = time.monotonic() + 5
    while left_running() and time.monotonic() < deadline:
        time.sleep(0.02)
    assert not left_running()


def test_what_holds_the_pipe_open_does_not_hold_up_the_error(project):
    root = project("""
        import os, subprocess, sys
        other = subprocess.Popen([sys.executable, "-c", "import time; time.sleep(20)"], start_new_session=True,
            pass_fds=[fd for fd in range(3, 30) if os.path.exists(f"/proc/self/fd/{fd}")])
        open("pids", "w").write(str(other.pid))
        os._exit(7)
    """)
    start = time.monotonic()
    with pytest.raises(ProgramError, match="ended with code 7 before it had a plan"):
        plan(root, "dev", timeout=60)
    assert time.monotonic() - start < 10


def test_output_and_input_of_a_program_are_nobodys(project):
    root = project("""
        import sys
        print("x" * 100_000)
        sys.stderr.write("y" * 100_000)
        pulumi.export("read", sys.stdin.read())
    """)
    assert plan(root, "dev").outputs == {"read": ""}


def test_an_exit_without_fault_keeps_what_was_made(project):
    assert len(plan(project("CustomResource('t:t:T', 'a')\nraise SystemExit(0)"), "dev")) == 1


SETTINGS = "name: p\nruntime: python\nconfig:\n  must: {type: string}\n"
ENVIRONMENTS = "environment: [base, {team/prod: {merge: false}}]\nconfig:\n  aws:region: eu\n"


def test_environments_that_cannot_be_read_are_noted(project):
    root = project("pulumi.export('get', pulumi.Config().get('soft'))", {"Pulumi.dev.yaml": ENVIRONMENTS})
    result = plan(root, "dev")
    assert result.notes == (
        "stack 'dev' imports base, team/prod of Pulumi ESC, which cannot be read here: what only they give is missing",
    )
    assert result.default_providers == {"aws": {"region": "eu"}}


def test_a_key_that_an_environment_may_give_is_named(project):
    root = project("pulumi.Config().require('hard')", {"Pulumi.dev.yaml": ENVIRONMENTS})
    with pytest.raises(ProgramError) as info:
        plan(root, "dev")
    text = str(info.value)
    assert "Missing required configuration variable 'p:hard'" in text
    assert text.endswith("\nbase, team/prod of Pulumi ESC may give it; give it in `config`")
    with pytest.raises(ProgramError) as info:
        plan(project("", {"Pulumi.dev.yaml": ENVIRONMENTS}, SETTINGS), "dev")
    assert "p:must; if base, team/prod of Pulumi ESC gives it, which cannot be read here, give it in `config`" in str(
        info.value
    )
    assert plan(root, "dev", config={"hard": "x", "must": "y"}).notes


PACKAGED = """
    class Site(pulumi.ComponentResource):
        url: Output[str]
        def __init__(self, name, props):
            super().__init__("pkg:index:Site", name, {**props, "url": None}, None, remote=True)
        def password(self):
            return pulumi.runtime.call("pkg:index:Site/password", {"__self__": self}, self)

    site = Site("site", {"size": 3})
    CustomResource("t:t:T", "user", {"url": site.url, "password": site.password()["password"]})
"""


def test_a_packaged_component_stands_alone_and_is_noted(project):
    result = plan(project(PACKAGED), "dev")
    site, user = result
    assert (site.is_component, site.get("size"), result.children(site)) == (True, 3, ())
    assert (user.get("url"), user.get("password")) == (UNKNOWN, UNKNOWN)
    assert result.notes == (
        f"{site.urn} is a packaged component: what it makes, a plugin decides; it is not in the plan",
        "pkg:index:Site/password is a method of a packaged component: its result is unknown in the plan",
    )


def test_what_a_library_makes_has_the_place_of_its_user(project):
    library = "import pulumi\nclass T(pulumi.CustomResource):\n    def __init__(self, name):\n"
    library += "        super().__init__('t:t:T', name)\ndef make(name):\n    return T(name)\n"
    root = project(
        "import sys\nsys.path.append('lib/site-packages')\nimport made\nmade.make('a')\nmade.T('b')",
        {"lib/site-packages/made.py": library},
    )
    assert [one.source for one in plan(root, "dev")] == ["__main__.py:6", "__main__.py:7"]


def test_what_is_given_in_place_of_a_secret_is_one(project):
    stack = {"Pulumi.dev.yaml": "config:\n  p:token: {secure: v1:AAAA}\n"}
    settings = "name: p\nruntime: python\nconfig:\n  declared: {type: string, secret: true}\n"
    root = project(
        "own = pulumi.Config()\npulumi.export('both', [own.get('token'), own.get('declared')])", stack, settings
    )
    shown = plan(root, "dev", config={"token": "hunter2", "declared": "hunter2"})
    assert "hunter2" not in repr(plan(root, "dev", config={"declared": {"secure": "v1:x"}}))
    secret = project(
        "own = pulumi.Config()\npulumi.export('both', [own.get_secret('token'), own.get_secret('declared')])",
        stack,
        settings,
    )
    assert shown.outputs == {"both": ["hunter2", "hunter2"]}  # a program that asks for no secret gets none, as ever
    assert "hunter2" not in repr(plan(secret, "dev", config={"token": "hunter2", "declared": "hunter2"}))
