"""One way to say what is wrong: what, got, allowed, fix; all in one message, printed without a traceback."""

import pulumi
import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import Field, ValidationError, model_validator

from modelberth.core.config import Config
from modelberth.core.errors import ConfigError, Fault, ModelberthError, closest, faults_of

TEXT = st.lists(st.text("abcdef,;", min_size=1, max_size=12), min_size=1, max_size=40).map(" ".join)


@pytest.mark.parametrize(
    ("fault", "text"),
    [
        (Fault("a.b", "got 1; allowed: 2", "write 2"), "a.b: got 1; allowed: 2; write 2"),
        (Fault("a.b", "is missing"), "a.b: is missing"),
        (Fault("", "is missing", "write it"), "is missing; write it"),
        (Fault("a.b", "too few", "write 2", "local"), "a.b: local cannot honour it: too few; write 2"),
    ],
)
def test_a_fault_reads_as_one_sentence(fault, text):
    assert str(fault) == text


def test_one_message_counts_and_lists_all_faults():
    assert str(ConfigError([Fault("a", "x")], "f.yaml")) == "f.yaml: 1 fault\n  a: x"
    assert str(ConfigError([Fault("a", "x"), Fault("b", "y", "z")])) == "configuration: 2 faults\n  a: x\n  b: y; z"


LONG = "no instance type has exactly this size (3 cores); near it: ml.c7i.xlarge (4 cores, 8 GiB), ml.c6i.xlarge"
ADDRESS = "https://cognito-idp.eu-central-1.amazonaws.com/eu-central-1_Example/.well-known/jwks.json"


def test_what_a_target_refuses_is_a_table_under_what_is_wrong_anywhere():
    error = ConfigError(
        [
            Fault("services.a.size.cpu", LONG, "write one of these", "cloud:one"),
            Fault("services.b.slo", "no alarm is made here", "leave it out", "local"),
            Fault("services.b.model", "has no digest", "run `modelberth pin`"),
            Fault("services.a.access.jwt.jwks", "the pool has its own keys", f"write {ADDRESS}", "cloud:one"),
        ],
        "f.yaml",
    )
    assert str(error).splitlines() == [
        "f.yaml: 4 faults",
        "  services.b.model: has no digest; run `modelberth pin`",
        "  cloud:one cannot honour",
        "    field                       why                                                  write instead",
        "    services.a.size.cpu         no instance type has exactly this size (3 cores);    write one of these",
        "                                near it: ml.c7i.xlarge (4 cores, 8 GiB),",
        "                                ml.c6i.xlarge",
        "    services.a.access.jwt.jwks  the pool has its own keys                            write",
        f"                                                                                     {ADDRESS}",
        "  local cannot honour",
        "    field           why                    write instead",
        "    services.b.slo  no alarm is made here  leave it out",
    ]


@given(st.lists(st.tuples(st.text("abc.", min_size=1, max_size=40), TEXT, TEXT), min_size=2, max_size=5))
def test_a_table_holds_every_word_in_order_and_fits(rows):
    faults = [Fault(path, why, fix, "t") for path, why, fix in rows]
    lines = str(ConfigError(faults)).splitlines()
    assert all(len(line) <= 120 for line in lines)
    words = [word for line in lines[3:] for word in line.split()]
    assert sorted(words) == sorted(word for row in rows for cell in row for word in cell.split())


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
