"""One way to say what is wrong: what, got, allowed, fix; all in one message, printed without a traceback."""

import pulumi
import pytest
from pydantic import Field, ValidationError, model_validator

from modelberth.core.config import Config
from modelberth.core.errors import ConfigError, Fault, ModelberthError, closest, faults_of


@pytest.mark.parametrize(
    ("fault", "text"),
    [
        (Fault("a.b", "got 1; allowed: 2", "write 2"), "a.b: got 1; allowed: 2; write 2"),
        (Fault("a.b", "is missing"), "a.b: is missing"),
        (Fault("", "is missing", "write it"), "is missing; write it"),
    ],
)
def test_a_fault_reads_as_one_sentence(fault, text):
    assert str(fault) == text


def test_one_message_counts_and_lists_all_faults():
    assert str(ConfigError([Fault("a", "x")], "f.yaml")) == "f.yaml: 1 fault\n  a: x"
    assert str(ConfigError([Fault("a", "x"), Fault("b", "y", "z")])) == "configuration: 2 faults\n  a: x\n  b: y; z"


def test_pulumi_prints_these_errors_without_a_traceback():
    assert issubclass(ModelberthError, pulumi.RunError)
    assert issubclass(ConfigError, ModelberthError)
    # pydantic turns a ValueError into a fault of the field that it stood at.
    assert issubclass(ConfigError, ValueError)


@pytest.mark.parametrize(
    ("name", "hint"), [("scael", "did you mean 'scale'?"), ("Scale", "did you mean 'scale'?"), ("zzz", ""), ("", "")]
)
def test_a_misspelt_name_is_answered_with_the_closest(name, hint):
    assert closest(name, ["scale", "size", "slo"]) == hint


NO_INTEGER = "input should be a valid integer"


class Leaf(Config):
    left: int = 0


class Tree(Config):
    leaf: Leaf | None = None
    leaves: tuple[Leaf, ...] = ()
    named: dict[str, Leaf] = Field(default_factory=dict)

    @model_validator(mode="after")
    def _few(self):
        if len(self.leaves) > 1:
            raise ValueError("too many leaves; cut some")
        return self


@pytest.mark.parametrize(
    ("given", "message"),
    [
        ({"x": 1}, "top.x: no such field; allowed: leaf, leaves, named"),
        ({"leav": 1}, "top.leav: no such field; allowed: leaf, leaves, named; did you mean 'leaves'?"),
        ({"leaf": {"lef": 1}}, "top.leaf.lef: no such field; allowed: left; did you mean 'left'?"),
        ({"leaves": [{"x": 1}]}, "top.leaves.0.x: no such field; allowed: left"),
        ({"named": {"a": {"x": 1}}}, "top.named.a.x: no such field; allowed: left"),
        ({"leaves": [{}, {}]}, "top: too many leaves; cut some"),
        ({"leaf": {"left": "hunter2"}}, f"top.leaf.left: {NO_INTEGER}, unable to parse string as an integer"),
        ({"leaf": {"left": 1.5}}, f"top.leaf.left: got 1.5, {NO_INTEGER}, got a number with a fractional part"),
        ({"leaf": True}, "top.leaf: got True, input should be a valid dictionary or instance of Leaf"),
    ],
)  # fmt: skip
def test_a_fault_of_pydantic_in_our_words(given, message):
    with pytest.raises(ValidationError) as error:
        Tree.model_validate(given)
    assert [str(fault) for fault in faults_of(error.value, "top", Tree)] == [message]


def test_numbers_are_not_repeated_where_they_may_be_secret():
    with pytest.raises(ValidationError) as error:
        Tree.model_validate({"leaf": {"left": 31337.5}})
    assert "31337" in str(faults_of(error.value, "")[0])
    assert "31337" not in str(faults_of(error.value, "", repeat=False)[0])
