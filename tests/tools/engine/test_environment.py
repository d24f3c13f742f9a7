"""Which Python a project gets, and which provider plugins follow from the packages installed in it."""

import subprocess
import sys
from pathlib import Path

import pytest

from engine.language_host.environment import (
    Environment,
    Package,
    UnusableEnvironmentError,
    environment,
    installed,
    provider_plugin,
    top_level,
)

INTERPRETER = Path(__file__).parents[3] / "tools/engine/language_host/interpreter.sh"


@pytest.fixture
def virtualenv(tmp_path):
    def made(at):
        python = tmp_path / at / "bin" / "python"
        python.parent.mkdir(parents=True)
        python.symlink_to(sys.executable)
        return tmp_path / at

    return made


def chosen_by_the_launcher(folder, option="", path="/usr/bin:/bin"):
    return subprocess.run(
        ["/bin/sh", "-c", '. "$1"; interpreter "$2"', "sh", INTERPRETER, option],
        cwd=folder,
        env={"PATH": path},
        capture_output=True,
        text=True,
    )


@pytest.mark.parametrize(
    "runtime",
    [
        "runtime: {name: python, options: {toolchain: pip, virtualenv: envs/one}}",
        "runtime:\n  name: python\n  options:\n    toolchain: pip\n    virtualenv: envs/one",
        "runtime:\n  name: python\n  options:\n    virtualenv: 'envs/one'  # ours",
        'runtime:\n  name: python\n  # virtualenv: old\n  options: {virtualenv: "envs/one", toolchain: pip}',
    ],
)
def test_the_launcher_reads_the_virtualenv_of_the_project_above(tmp_path, virtualenv, runtime):
    (tmp_path / "Pulumi.yaml").write_text(f"name: tiny\nmain: stacks/deep\n{runtime}\n")
    (tmp_path / "stacks" / "deep").mkdir(parents=True)
    expected = virtualenv("envs/one") / "bin" / "python"
    assert chosen_by_the_launcher(tmp_path / "stacks" / "deep").stdout.strip() == str(expected)


def test_the_launcher_takes_the_engines_word_for_the_virtualenv_relative_to_the_project(tmp_path, virtualenv):
    (tmp_path / "Pulumi.yaml").write_text("name: tiny\nmain: stacks\nruntime: python\n")
    (tmp_path / "stacks").mkdir()
    expected = virtualenv("other") / "bin" / "python"
    assert chosen_by_the_launcher(tmp_path / "stacks", "other").stdout.strip() == str(expected)


def test_the_launcher_falls_back_to_the_projects_dot_venv(tmp_path, virtualenv):
    (tmp_path / "Pulumi.yaml").write_text("name: tiny\nruntime: python\n")
    expected = virtualenv(".venv") / "bin" / "python"
    assert chosen_by_the_launcher(tmp_path).stdout.strip() == str(expected)


def test_without_any_interpreter_the_launcher_says_where_it_looked(tmp_path):
    (tmp_path / "bin").mkdir()
    for tool in ("dirname", "sed", "head"):
        (tmp_path / "bin" / tool).symlink_to(Path("/usr/bin") / tool)
    run = chosen_by_the_launcher(tmp_path, path=str(tmp_path / "bin"))
    assert run.returncode == 1
    assert str(tmp_path / ".venv") in run.stderr
    assert "make setup" in run.stderr


def test_a_relative_virtualenv_is_relative_to_the_project(tmp_path, virtualenv):
    virtualenv(".venv")
    assert environment(tmp_path, {"virtualenv": ".venv"}) == Environment(
        tmp_path / ".venv" / "bin" / "python", tmp_path / ".venv"
    )
    assert environment(tmp_path, {"toolchain": "uv"}).virtualenv == tmp_path / ".venv"


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"virtualenv": ".venv"}, "make setup"),
        ({"toolchain": "poetry"}, "got 'poetry'.*pip and uv"),
        ({"typechecker": "mypy"}, "typechecker"),
    ],
)
def test_an_option_that_cannot_be_honoured_is_an_error(tmp_path, options, message):
    with pytest.raises(UnusableEnvironmentError, match=message):
        environment(tmp_path, options)


def test_a_program_runs_as_in_its_activated_virtualenv():
    base = {"PATH": "/bin", "PYTHONHOME": "/x", "PYTHONDONTWRITEBYTECODE": "1", "TOKEN": "kept"}
    assert Environment(Path("/v/bin/python"), Path("/v")).variables(base) == {
        "PATH": "/v/bin:/bin",
        "VIRTUAL_ENV": "/v",
        "TOKEN": "kept",
    }


def package(name, version="1.2.3", plugin=None, requires=()):
    return Package(name, version, list(requires), plugin)


def test_a_cloud_sdk_asks_for_its_provider():
    aws = provider_plugin(package("pulumi_aws", "7.51.1", {"resource": True, "name": "aws", "version": "7.51.1"}))
    assert aws == {"name": "aws", "version": "v7.51.1", "server": "", "parameterization": None}


@pytest.mark.parametrize(
    ("described", "name"),
    [
        (package("pulumi-random", "4.18.0"), "random"),
        (package("acme-cloud", plugin={"resource": True, "name": "acme"}), "acme"),
        (package("pulumi", "3.272.0"), None),
        (package("pulumi-policy", "1.21.0"), None),
        (package("pulumi_policy", "1.21.0"), None),
        (package("pulumi-extra", plugin={"resource": False}), None),
        (package("pulumi-aws", "7.0.0a1605583329"), None),
        (package("requests"), None),
    ],
)
def test_only_packages_with_a_provider_ask_for_one(described, name):
    found = provider_plugin(described)
    assert (found["name"] if found else None) == name


def test_installed_reads_what_an_environment_holds(tmp_path):
    site = tmp_path / "pulumi_tiny"
    site.mkdir()
    (site / "pulumi-plugin.json").write_text('{"resource": true, "name": "tiny", "version": "0.1.0"}')
    info = tmp_path / "pulumi_tiny-0.1.0.dist-info"
    info.mkdir()
    (info / "METADATA").write_text(
        "Metadata-Version: 2.1\nName: pulumi_tiny\nVersion: 0.1.0\nRequires-Dist: pulumi>=3\n"
    )
    launcher = tmp_path / "python"
    launcher.write_text(f'#!/bin/sh\nPYTHONPATH={tmp_path} exec {sys.executable} "$@"\n')
    launcher.chmod(0o755)
    packages = {each.name: each for each in installed(Environment(launcher, None))}
    assert provider_plugin(packages["pulumi_tiny"]) == {
        "name": "tiny", "version": "v0.1.0", "server": "", "parameterization": None,
    }  # fmt: skip
    assert provider_plugin(packages["pulumi"]) is None


def test_top_level_packages_are_those_that_no_other_one_requires():
    packages = [package("a", requires=["B_c >=1; python_version>'3'"]), package("b-c"), package("d")]
    assert [each.name for each in top_level(packages)] == ["a", "d"]
