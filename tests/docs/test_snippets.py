"""Every snippet of the documentation runs, and every link leads somewhere. The convention is in CONTRIBUTING.md."""

import argparse
import json
import re
import shlex
from dataclasses import dataclass
from functools import partial
from itertools import chain
from pathlib import Path

import pytest

from modelberth.cli.main import commands
from modelberth.stack.compose import hardened
from modelberth.stack.config import Pins
from modelberth.stack.files import read_yaml
from modelberth.stack.rollouts import Rollouts
from modelberth_policies.configuration import read_model
from modelberth_policies.exemptions import ExemptionsFile
from modelberth_policies.limits import LimitsFile
from modelberth_policies.sources.program import run_in_process
from modelberth_policies.usage import Usage

PROJECT = Path(__file__).resolve().parents[2]
PAGES = sorted(chain.from_iterable(PROJECT.glob(each) for each in ("*.md", "docs/**/*.md", "examples/**/*.md")))
FENCE = re.compile(r"^```(\w*)\n(.*?)^```$", re.MULTILINE | re.DOTALL)
LINK = re.compile(r"\[[^\]]*\]\(([^)\s]+)\)")
UNCHECKED = ("mermaid", "text")
CONFIG = {"digest": "sha256:" + "0" * 64, "registry": "sqlite:////srv/models/registry.db"}
POLICY_FILES = {"limits": LimitsFile, "exemptions": ExemptionsFile, "usage": Usage}
EXAMPLES = {file.read_text() for file in PROJECT.glob("examples/**/*.py")}
PROGRAMS = {"aws", "cd", "curl", "git", "pulumi", "pip", "systemctl"}
"""What a shell snippet may call that is not of this repository."""


@dataclass(frozen=True)
class Snippet:
    page: Path
    line: int
    language: str
    text: str

    def __str__(self):
        return f"{self.page.relative_to(PROJECT)}:{self.line}"


def snippets_of(page):
    text = page.read_text()
    for found in FENCE.finditer(text):
        yield Snippet(page, text.count("\n", 0, found.start()) + 2, found[1], found[2])


SNIPPETS = [snippet for page in PAGES for snippet in snippets_of(page)]


def a_python_snippet(snippet, tmp_path):
    """Makes resources in process, claims something with `assert`, or is the text of a file in `examples/`."""
    plan = run_in_process(partial(exec, compile(snippet.text, str(snippet), "exec"), {}), config=CONFIG)
    claims = plan.resources or "assert" in snippet.text or snippet.text in EXAMPLES
    assert claims, "it makes no resource, claims nothing, and is no file of examples/"


def a_yaml_snippet(snippet, tmp_path):
    """Is what its first line says: a file of an environment, `# Pulumi.<env>.yaml`, or `# policies/limits.yaml`."""
    policy = re.match(r"# policies/(limits|exemptions|usage)\.yaml\n", snippet.text)
    if policy:
        file = tmp_path / f"{policy[1]}.yaml"
        file.write_text(snippet.text)
        assert read_model(file, POLICY_FILES[policy[1]]).model_fields_set, "it holds nothing"
        return
    name = re.match(r"# (?:\S*/)?((Pulumi|rollouts|pins)\.([a-z]+)\.yaml)", snippet.text)
    assert name, "its first line names no file of an environment"
    file = tmp_path / name[1]
    file.write_text(snippet.text)
    content = read_yaml(file)
    assert content, "it holds nothing"
    checks = {
        "Pulumi": lambda: hardened(content["config"]["modelberth:stack"], name[3]),
        "rollouts": lambda: Rollouts.parse({"services": content}, source=name[1]),
        "pins": lambda: Pins.parse({"digests": content}, source=name[1]),
    }
    checks[name[2]]()


def a_sh_snippet(snippet, tmp_path):
    """Calls what there is: a target of the Makefile, a command of `modelberth` with its options, a known program."""
    for line in snippet.text.replace("\\\n", " ").splitlines():
        lexer = shlex.shlex(line, posix=True, punctuation_chars="|&;")
        lexer.whitespace_split = True
        words = list(lexer)
        ends = [index for index, word in enumerate(words) if set(word) <= set("|&;")]
        for start, end in zip([0, *(index + 1 for index in ends)], [*ends, len(words)], strict=True):
            if words[start:end]:
                check_command(snippet, words[start:end])


def check_command(snippet, words):
    program, *arguments = words
    if program == "make":
        asked = {word for word in arguments if not word.startswith("-") and "=" not in word}
        assert asked <= make_targets(), f"the Makefile has no {', '.join(asked - make_targets())}"
    elif program.endswith("modelberth"):
        command_parser().parse_args(arguments)
    elif program == ".":
        assert (snippet.page.parent / arguments[0]).exists() or (PROJECT / arguments[0]).exists(), arguments[0]
    else:
        assert program in PROGRAMS, f"{program} is not known; add it to PROGRAMS if every reader has it"


def make_targets():
    return set(re.findall(r"^([a-z-]+):", (PROJECT / "Makefile").read_text(), re.MULTILINE))


def command_parser():
    parser = argparse.ArgumentParser(exit_on_error=False)
    chosen = parser.add_subparsers(required=True)
    for command in commands():
        command.add_to(chosen)
    return parser


def a_json_snippet(snippet, tmp_path):
    """Is JSON."""
    json.loads(snippet.text)


CHECKS = {"python": a_python_snippet, "yaml": a_yaml_snippet, "sh": a_sh_snippet, "json": a_json_snippet}


@pytest.mark.parametrize("snippet", [each for each in SNIPPETS if each.language not in UNCHECKED], ids=str)
def test_snippet(snippet, tmp_path, monkeypatch):
    monkeypatch.chdir(PROJECT)
    assert snippet.language in CHECKS, f"name its language: {', '.join((*CHECKS, *UNCHECKED))}"
    CHECKS[snippet.language](snippet, tmp_path)


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(PROJECT)))
def test_links_lead_somewhere(page):
    links = [link for link in LINK.findall(FENCE.sub("", page.read_text())) if "://" not in link]
    places = [(link, page.parent / link.partition("#")[0] if link[0] != "#" else page) for link in links]
    lost = [link for link, file in places if not file.exists() or not has_heading(file, link.partition("#")[2])]
    assert not lost, f"links that lead nowhere: {', '.join(lost)}"


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(PROJECT)))
def test_no_block_is_overlooked(page):
    fences = re.findall(r"^\s*```.*$", page.read_text(), re.MULTILINE)
    assert len(fences) == 2 * sum(snippet.page == page for snippet in SNIPPETS), "a block is indented, or open"


def has_heading(file, anchor):
    headings = re.findall(r"^#+ (.+)$", file.read_text(), re.MULTILINE) if anchor else []
    return not anchor or anchor in {re.sub(r"[^\w\- ]", "", each.lower()).replace(" ", "-") for each in headings}


def test_the_readme_shows_the_two_commands_and_ci_runs_one_of_them():
    shown = "".join(snippet.text for snippet in SNIPPETS if snippet.page == PROJECT / "README.md")
    ci = (PROJECT / ".ci/run").read_text().strip().splitlines()[-1].removeprefix("exec ")
    assert "make up" in shown
    assert ci in shown.splitlines()
    assert {snippet.language for snippet in SNIPPETS} >= {"python", "yaml", "sh"}
