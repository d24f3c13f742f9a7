"""The real engine runs programs, dynamic providers, policy packs and provider plugins, and leaves nothing behind."""

import contextlib
import json
import signal
import subprocess
import sys
import time
from pathlib import Path

import psutil
import pytest

pytestmark = pytest.mark.engine

DYNAMIC = """
import time
import pulumi
from pulumi.dynamic import CreateResult, Resource, ResourceProvider

class Provider(ResourceProvider):
    def create(self, props):
        time.sleep(props["seconds"])
        return CreateResult("made", {**props, "greeting": "hello " + props["who"]})

class Greeting(Resource):
    greeting: pulumi.Output[str]
    def __init__(self, name, who, seconds=0):
        super().__init__(Provider(), name, {"who": who, "seconds": seconds, "greeting": None})
"""

GREETING = (
    DYNAMIC
    + """
config = pulumi.Config()
print("a line of the program")
pulumi.export("greeting", Greeting("one", config.require("who")).greeting)
pulumi.export("password", config.require_secret("password"))
"""
)

SLOW = (
    DYNAMIC
    + """
Greeting("quick", "you")
Greeting("slow", "you", 120)
"""
)

PACK = Path(__file__).with_name("pack.py")
PROVIDER = Path(__file__).with_name("provider.py")


def test_a_program_goes_up_stays_as_it_is_and_comes_down(project):
    tiny = project(GREETING)
    tiny.done("config", "set", "who", "world")
    tiny.done("config", "set", "--secret", "password", "hunter2")
    first = tiny.done("up", "--yes")
    assert "a line of the program" in first
    assert json.loads(tiny.done("stack", "output", "--json"))["greeting"] == "hello world"
    tiny.done("up", "--yes", "--skip-preview", "--expect-no-changes")
    state = tiny.done("stack", "export")
    assert "hunter2" not in first + state
    assert json.loads(tiny.done("stack", "output", "--json", "--show-secrets"))["password"] == "hunter2"
    tiny.done("destroy", "--yes", "--skip-preview")
    assert not json.loads(tiny.done("stack", "export"))["deployment"].get("resources")


def test_a_program_in_a_subfolder_finds_the_projects_relative_virtualenv(own_host, project):
    """Its dynamic provider too: the engine hands it the path as written, and the subfolder as working folder."""
    tiny = project(DYNAMIC + "pulumi.export('greeting', Greeting('one', 'you').greeting)", "stacks", ".venv")
    (tiny.folder / ".venv").symlink_to(sys.prefix)
    tiny.done("up", "--yes", "--skip-preview")
    assert json.loads(tiny.done("stack", "output", "--json")) == {"greeting": "hello you"}


def test_an_exception_of_the_program_is_shown_once_and_without_the_hosts_frames(project):
    said = project("import pulumi\nraise ValueError('the size is wrong')\n").refused("preview")
    assert said.count("ValueError: the size is wrong") == 1
    assert "__main__.py" in said
    assert "unhandled error occurred" not in said
    assert "watched.py" not in said
    assert "runpy" not in said


def test_the_exit_code_of_a_program_that_says_nothing_is_told(project):
    assert "exited with non-zero exit code: 7" in project("raise SystemExit(7)").refused("preview")


def test_a_program_that_was_killed_is_told_by_the_name_of_the_signal(own_host, project):
    said = project("import os\nos.kill(os.getpid(), 9)\n").refused("preview")
    assert "ended by signal SIGKILL" in said


def test_a_missing_virtualenv_is_one_message_that_names_what_to_run(own_host, project, monkeypatch):
    tiny = project("", virtualenv="nowhere")
    tiny.variables["MODELBERTH_PYTHON"] = sys.executable
    said = tiny.refused("preview")
    assert f"no {tiny.folder}/nowhere/bin/python" in said
    assert "make setup" in said
    assert "Traceback" not in said


def test_about_names_the_interpreter_and_what_is_installed(own_host, project):
    told = json.loads(project("").done("about", "--json"))
    assert told["runtime"]["executable"] == f"{sys.prefix}/bin/python"
    assert "modelberth" in {each["name"] for each in told["dependencies"]}


def test_install_installs_nothing_and_says_so(own_host, project):
    run = project("").pulumi("install", "--no-plugins")
    assert run.returncode == 0
    assert f"{sys.prefix} is there" in run.stdout + run.stderr


def test_a_policy_pack_runs_in_its_own_folder_and_gets_the_stacks_configuration(project, tmp_path):
    tiny = project(DYNAMIC + "Greeting('forbidden', 'you')")
    tiny.done("config", "set", "who", "world")
    pack = tmp_path / "pack"
    pack.mkdir()
    (pack / "PulumiPolicy.yaml").write_text(
        f"runtime: {{name: python, options: {{virtualenv: {sys.prefix}}}}}\nversion: 0.0.1\n"
    )
    (pack / "__main__.py").write_text(PACK.read_text())
    said = tiny.refused("preview", "--policy-pack", str(pack))
    assert "[mandatory]" in said
    assert f"forbidden in tiny/dev with tiny:who=world, judged in {pack}" in said


def test_a_provider_plugin_written_in_python_serves_its_resources(project, tmp_path):
    plugin = tmp_path / "provider"
    plugin.mkdir()
    (plugin / "PulumiPlugin.yaml").write_text(
        f"name: toy\nruntime: {{name: python, options: {{virtualenv: {sys.prefix}}}}}\n"
    )
    (plugin / "__main__.py").write_text(PROVIDER.read_text())
    program = """
import pulumi
class Box(pulumi.CustomResource):
    def __init__(self, name):
        super().__init__("toy:index:Box", name, {"size": 3})
pulumi.export("id", Box("one").id)
"""
    tiny = project(program, extra=f"plugins: {{providers: [{{name: toy, path: {plugin}}}]}}\n")
    tiny.done("up", "--yes", "--skip-preview")
    assert json.loads(tiny.done("stack", "output", "--json")) == {"id": "box-of-3"}


@pytest.mark.parametrize(("signals", "seconds"), [([signal.SIGKILL], 4), ([signal.SIGINT, signal.SIGINT], 15)])
def test_an_engine_that_ends_in_the_middle_leaves_no_process_behind(own_host, project, signals, seconds):
    """Killed, or told twice to stop; told once, it waits for the creations that are under way."""
    tiny = project(SLOW)
    words = tiny.command("up", "--yes", "--skip-preview")
    output = subprocess.DEVNULL
    running = subprocess.Popen(words, cwd=tiny.folder, env=tiny.variables, stdout=output, stderr=output)
    started = []
    try:
        started = while_creating(running)
        assert {"server", "exec", "dynamic"} <= {kind for each in started for kind in kinds(each)}
        for each in signals:
            running.send_signal(each)
            time.sleep(0.5)
        _, left = psutil.wait_procs(started, timeout=seconds)
        assert not left
    finally:
        for each in [*descendants(running), *started, running]:
            with contextlib.suppress(psutil.NoSuchProcess):
                each.kill()
        running.wait()


def kinds(process):
    try:
        words = " ".join(process.cmdline())
    except psutil.Error:  # a short-lived one that has ended meanwhile
        return []
    ends = {"server": "language_host.server", "exec": "pulumi-language-python-exec", "dynamic": "-m pulumi.dynamic"}
    return [kind for kind, part in ends.items() if part in words]


def descendants(running):
    try:
        return psutil.Process(running.pid).children(recursive=True)
    except psutil.NoSuchProcess:
        return []


def while_creating(running):
    """The engine's processes, once the dynamic provider is in the middle of a slow creation."""
    end = time.monotonic() + 30
    while time.monotonic() < end:
        found = [each for each in descendants(running) if each.is_running()]
        if any("dynamic" in kinds(each) for each in found):
            time.sleep(1)  # the creation begins within moments of the provider's start, and lasts two minutes
            return found
        time.sleep(0.1)
    raise AssertionError("the dynamic provider was never started")
