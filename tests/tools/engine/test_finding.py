"""Which Pulumi CLI is taken, why another is not, and what the cache of a built one depends on."""

import subprocess
import sys
import threading
import time
from pathlib import Path

import pytest

from engine import build, engine

ENGINE = Path(engine.__file__)


@pytest.mark.parametrize(
    ("printed", "version"),
    [
        ("v3.259.0\n", (3, 259, 0)),
        ("3.272.1", (3, 272, 1)),
        ("v3.260.0-alpha.1+abc", (3, 260, 0)),
        ("pulumi", None),
        ("", None),
    ],
)
def test_a_version_is_read_as_the_cli_prints_it(printed, version):
    assert engine.version_of(printed) == version


@pytest.mark.parametrize(
    ("printed", "usable"), [("v3.259.0", True), ("v3.300.2", True), ("v3.258.9", False), ("v4.0.0", False)]
)
def test_an_older_cli_and_another_major_are_refused(printed, usable):
    assert (engine.shortfall(printed) is None) == usable


def test_what_is_built_is_new_enough_to_be_found_on_path():
    assert engine.shortfall(f"v{build.VERSION}") is None


def test_a_built_cli_on_path_is_refused_once_the_language_host_has_changed(tmp_path, monkeypatch):
    compiled = cli(tmp_path / "compiled", "v3.259.0", with_host=False)
    folder = tmp_path / "cli"
    folder.mkdir()
    build.lay_out(folder, compiled / "pulumi", Path(__file__))
    monkeypatch.setenv("PATH", f"{folder}:/usr/bin:/bin")
    assert engine.on_path(None, print) == folder
    (folder / "language_host" / "server.py").write_text("an older one")
    with pytest.raises(engine.NotTakenError, match="another state"):
        engine.on_path(None, print)


def not_taken(reason):
    def find(python, say):
        raise engine.NotTakenError(reason)

    return find


def test_the_first_route_that_leads_to_a_cli_is_taken_and_each_refusal_is_told():
    told = []
    routes = [
        ("first", not_taken("it is old")),
        ("second", lambda python, say: Path("/second")),
        ("third", not_taken("never tried")),
    ]
    assert engine.locate(None, told.append, routes) == Path("/second")
    assert [line.split(":")[0] for line in told] == ["first", "second"]
    assert "it is old" in told[0]


def test_without_any_cli_one_message_has_all_reasons_and_what_to_install():
    routes = [("first", not_taken("it is old")), ("second", not_taken("no go on PATH"))]
    with pytest.raises(engine.NoEngineError, match=r"first: it is old\n.*second: no go on PATH\n.*Install .*Go"):
        engine.locate(None, routes=routes)


def test_routes_are_tried_from_the_cheapest_to_the_dearest():
    assert [find for _, find in engine.ROUTES] == [engine.on_path, engine.installed, engine.built]


def cli(folder, version, with_host=True):
    folder.mkdir()
    (folder / "pulumi").write_text(f"#!/bin/sh\necho {version}\n")
    (folder / "pulumi").chmod(0o755)
    if with_host:
        (folder / "pulumi-language-python").write_text("#!/bin/sh\n")
    return folder


def test_a_cli_on_path_is_used_where_it_stands(tmp_path, monkeypatch):
    monkeypatch.setenv("PATH", f"{cli(tmp_path / 'cli', 'v3.260.0')}:/usr/bin:/bin")
    assert engine.on_path(None, print) == tmp_path / "cli"


@pytest.mark.parametrize(
    ("version", "with_host", "reason"),
    [
        ("v3.100.0", True, "wanted is 3.259.0"),
        ("v3.260.0", False, "no pulumi-language-python"),
        ("oops", True, "not readable"),
    ],
)
def test_a_cli_on_path_that_cannot_be_used_is_refused_with_the_reason(
    tmp_path, monkeypatch, version, with_host, reason
):
    monkeypatch.setenv("PATH", f"{cli(tmp_path / 'cli', version, with_host)}:/usr/bin:/bin")
    with pytest.raises(engine.NotTakenError, match=reason):
        engine.on_path(None, print)


@pytest.fixture
def installer(tmp_path, monkeypatch):
    """An interpreter whose PulumiCommand.install does what a shell line says, for a checkout that is empty."""
    monkeypatch.setattr(engine, "CHECKOUT", tmp_path)
    monkeypatch.setattr(engine, "INSTALLER", Path(__file__).as_uri())

    def made(line):
        python = tmp_path / "python"
        python.write_text(f'#!/bin/sh\ncase "$2" in *install*) {line} ;; esac\n')
        python.chmod(0o755)
        return python

    return made


def test_what_the_installer_puts_into_the_checkout_is_taken_and_found_again(tmp_path, installer):
    cli(tmp_path / "cli", "v3.272.0")
    python = installer(f"mkdir -p {tmp_path}/.pulumi/cli; mv {tmp_path}/cli {tmp_path}/.pulumi/cli/bin")
    assert engine.installed(python, print) == tmp_path / ".pulumi" / "cli" / "bin"
    assert engine.installed(None, print) == tmp_path / ".pulumi" / "cli" / "bin"


def test_an_installer_that_fails_is_refused_with_its_last_words(installer):
    with pytest.raises(engine.NotTakenError, match="the installer: no space left"):
        engine.installed(installer("echo no space left >&2; exit 1"), print)


def test_an_installer_that_hangs_is_ended_with_what_it_started(installer, monkeypatch):
    monkeypatch.setattr(engine, "SECONDS_TO_INSTALL", 0.3)
    began = time.monotonic()
    with pytest.raises(engine.NotTakenError, match="gave no answer"):
        engine.installed(installer("sleep 60 & wait"), print)
    assert time.monotonic() - began < 10


def test_an_installer_that_cannot_be_reached_is_not_started(installer, monkeypatch):
    monkeypatch.setattr(engine, "INSTALLER", "http://127.0.0.1:9/install.sh")
    with pytest.raises(engine.NotTakenError, match="cannot reach the installer"):
        engine.installed(installer("echo started; exit 1"), print)


def test_without_an_interpreter_the_installer_is_not_tried(installer):
    with pytest.raises(engine.NotTakenError, match="--python"):
        engine.installed(None, print)


def test_an_empty_machine_is_told_what_to_install_and_nothing_else_is_printed(tmp_path):
    """Run by its path, by an isolated interpreter, with neither a CLI nor Go on PATH."""
    run = subprocess.run(
        [sys.executable, "-I", "-c", f"import runpy, sys; sys.path.insert(0, {str(ENGINE.parent)!r}); "
         f"sys.argv = ['engine.py']; runpy.run_path({str(ENGINE)!r}, run_name='__main__')"],
        env={"PATH": str(tmp_path), "HOME": str(tmp_path)}, capture_output=True, text=True, timeout=60,
    )  # fmt: skip
    assert run.returncode == 1
    assert run.stdout == ""
    assert "no pulumi on PATH" in run.stderr
    assert "no go on PATH" in run.stderr
    assert "Traceback" not in run.stderr


def test_the_key_changes_with_content_name_and_word_and_not_with_order():
    files = {"go.mod": b"module", "go.sum": b"sum"}
    first = build.key(files, "go1.26")
    assert first == build.key({"go.sum": b"sum", "go.mod": b"module"}, "go1.26")
    changed = [
        build.key({**files, "go.sum": b"other"}, "go1.26"),
        build.key({"go.mod": b"module", "go.sums": b"sum"}, "go1.26"),
        build.key(files, "go1.27"),
        build.key(files, "go1.2", "6"),
    ]
    assert len({first, *changed}) == 5


def test_the_folder_holds_cli_launchers_executor_and_language_host(tmp_path):
    for name in ("pulumi", "pulumi-language-python-exec", "folder/"):
        (tmp_path / name).mkdir() if name.endswith("/") else (tmp_path / name).write_text(name)
    build.lay_out(tmp_path / "folder", tmp_path / "pulumi", tmp_path / "pulumi-language-python-exec")
    runnable = {path.name for path in (tmp_path / "folder").iterdir() if path.is_file() and path.stat().st_mode & 0o100}
    assert runnable == {"pulumi-language-python", "pulumi-resource-pulumi-python"}
    assert (tmp_path / "folder" / "pulumi").read_text() == "pulumi"
    assert (tmp_path / "folder" / "pulumi-language-python-exec").exists()
    assert {"server.py", "watched.py", "interpreter.sh"} <= {
        path.name for path in (tmp_path / "folder" / "language_host").iterdir()
    }


@pytest.mark.parametrize(
    ("variables", "folder"),
    [
        ({"MODELBERTH_CACHE": "/a", "XDG_CACHE_HOME": "/b"}, Path("/a")),
        ({"XDG_CACHE_HOME": "/b"}, Path("/b/modelberth")),
        ({}, Path.home() / ".cache" / "modelberth"),
    ],
)
def test_the_cache_is_outside_the_checkout(variables, folder):
    assert build.cache_folder(variables) == folder


def test_two_at_once_make_it_once(tmp_path):
    made = []

    def make(folder):
        made.append(folder)
        time.sleep(0.2)
        (folder / "pulumi").write_text("cli")

    threads = [threading.Thread(target=build.once, args=(tmp_path / "key", print, make)) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(made) == 1
    assert (tmp_path / "key" / "pulumi").read_text() == "cli"


def test_a_failed_build_leaves_nothing_that_a_later_one_would_take(tmp_path):
    def make(folder):
        (folder / "pulumi").write_text("half")
        raise build.BuildError("disk full")

    with pytest.raises(build.BuildError, match="disk full"):
        build.once(tmp_path / "key", print, make)
    assert [path.name for path in tmp_path.iterdir()] == ["key.lock"]
    build.once(tmp_path / "key", print, lambda folder: None)
    assert (tmp_path / "key").is_dir()


def test_the_environment_puts_the_engine_first_and_keeps_byte_code():
    base = {"PATH": "/bin", "PYTHONDONTWRITEBYTECODE": "1", "A": "b"}
    expected = {"PATH": "/engine:/bin", "A": "b", "PULUMI_SKIP_UPDATE_CHECK": "true"}
    assert engine.environment(Path("/engine"), base) == expected
    with_python = engine.environment(Path("/engine"), base, Path("/v/bin/python"))
    assert with_python == {**expected, "MODELBERTH_PYTHON": "/v/bin/python"}
