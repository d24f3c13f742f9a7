"""`Config` and `In[T]`: plain values are checked at once, Outputs when they resolve, and no secret is in a message."""

from typing import Annotated

import pulumi
import pytest
from pydantic import Field, ValidationError

from modelberth.core.config import Config, In, is_output
from modelberth.core.errors import ConfigError
from modelberth_policies.resources import UNKNOWN, Secret
from modelberth_policies.sources.program import run_in_process

Output = pulumi.Output
Count = Annotated[int, Field(ge=1, le=9)]
SECRET_TEXT = "hunter2-hunter2"
SECRET_NUMBER = 31337


class Inner(Config):
    depth: In[Count] = 1


class Sample(Config):
    count: In[Count] = 2
    """How many."""
    maybe: In[Count] | None = None
    words: In[tuple[str, ...]] = ()
    by_name: dict[str, In[int]] = Field(default_factory=dict)
    inner: Inner = Inner()


class Disk(pulumi.CustomResource):
    size: Output[int]

    def __init__(self, name, props=None):
        super().__init__("test:index:Disk", name, {**(props or {}), "size": None})


def exported(make):
    return run_in_process(lambda: pulumi.export("value", make())).outputs["value"]


def late_message(make):
    with pytest.raises(ConfigError) as error:
        exported(make)
    return str(error.value)


def test_a_plain_value_is_checked_at_once():
    assert Sample.model_validate({"count": 9}).count == 9
    with pytest.raises(ConfigError) as error:
        Sample.parse({"count": 10}, "services.iris", "file.yaml")
    assert (
        str(error.value) == "file.yaml: 1 fault\n  services.iris.count: got 10, input should be less than or equal to 9"
    )


def test_a_plain_value_is_converted_and_kept_as_its_type():
    assert Sample.model_validate({"words": ["a", "b"]}).words == ("a", "b")


@pytest.mark.parametrize("field", ["count", "maybe"])
def test_an_output_that_resolves_to_a_good_value_passes(field):
    assert exported(lambda: getattr(Sample.model_validate({field: Output.from_input(4)}), field)) == 4


def test_a_resolved_value_is_converted_like_a_plain_one():
    assert exported(lambda: Sample.model_validate({"count": Output.from_input("4")}).count) == 4


def test_an_awaitable_counts_as_an_output():
    async def four():
        return 4

    assert exported(lambda: Sample.model_validate({"count": four()}).count) == 4


@pytest.mark.parametrize(
    ("field", "value", "message"),
    [
        ("count", 10, "count: input should be less than or equal to 9"),
        ("maybe", 0, "maybe: input should be greater than or equal to 1"),
        ("count", "x", "count: input should be a valid integer, unable to parse string as an integer"),
        ("words", ["a", 1], "words.1: input should be a valid string"),
    ],
)
def test_an_output_that_resolves_to_a_bad_value_names_its_field(field, value, message):
    text = late_message(lambda: getattr(Sample.model_validate({field: Output.from_input(value)}), field))
    assert text == f"configuration: 1 fault\n  {message}"


def test_the_check_of_an_output_runs_also_where_nothing_uses_it():
    with pytest.raises(ConfigError, match="count: input should be less than or equal to 9"):
        run_in_process(lambda: Sample.model_validate({"count": Output.from_input(10)}) and None)


@pytest.mark.parametrize(
    ("make", "path"),
    [
        (lambda: Sample.parse({"inner": {"depth": Output.from_input(0)}}).inner.depth, "inner.depth"),
        (lambda: Sample.parse({"by_name": {"a": Output.from_input("x")}}).by_name["a"], "by_name.a"),
    ],
)
def test_a_late_error_names_the_whole_path(make, path):
    assert f"  {path}: " in late_message(make)


class Pair(Config):
    small: In[Count] = 1
    text: In[str] = ""
    inner: Inner = Inner()
    listed: tuple[In[Count], ...] = ()


@pytest.mark.parametrize(
    ("fields", "value", "path"),
    [
        (("text", "small"), "ten", "pair.small"),
        (("small", "text"), 5, "pair.text"),
        (("small", "text"), "ten", "pair.small"),
    ],
)
def test_one_output_in_two_fields_is_at_fault_where_it_failed(fields, value, path):
    def program():
        shared = Output.from_input(value)
        Pair.parse(dict.fromkeys(fields, shared), "pair")

    with pytest.raises(ConfigError) as error:
        run_in_process(program)
    assert [fault.path for fault in error.value.faults] == [path]


def test_one_output_in_a_field_and_deeper_is_at_fault_where_it_failed():
    def program():
        shared = Output.from_input("text")
        Pair.parse({"text": shared, "inner": {"depth": shared}}, "pair")

    with pytest.raises(ConfigError) as error:
        run_in_process(program)
    assert [fault.path for fault in error.value.faults] == ["pair.inner.depth"]


def test_an_output_in_a_list_is_at_fault_at_its_place():
    def program():
        Pair.parse({"listed": [1, Output.from_input(10)]}, "pair")

    with pytest.raises(ConfigError) as error:
        run_in_process(program)
    assert [fault.path for fault in error.value.faults] == ["pair.listed.1"]


def test_what_is_unknown_in_a_preview_waits():
    def program():
        disk = Disk("first")
        Disk("second", {"count": Sample.model_validate({"count": disk.size}).count})

    assert run_in_process(program)["test:index:Disk::second"].get("count") is UNKNOWN


def test_a_secret_stays_a_secret():
    value = exported(lambda: Sample.model_validate({"count": Output.secret(4)}).count)
    assert isinstance(value, Secret) and value.value == 4


@pytest.mark.parametrize("value", [SECRET_TEXT, SECRET_NUMBER, [SECRET_TEXT], {"a": SECRET_TEXT}])
def test_a_secret_is_in_no_late_message(value):
    message = late_message(lambda: Sample.model_validate({"count": Output.secret(value)}).count)
    assert "count: " in message
    assert SECRET_TEXT not in message and str(SECRET_NUMBER) not in message


@pytest.mark.parametrize("given", [{"count": SECRET_TEXT}, {"inner": SECRET_TEXT}, {"words": SECRET_TEXT}, SECRET_TEXT])
def test_a_text_is_in_no_message_nor_in_its_causes(given):
    with pytest.raises(ConfigError) as error:
        Sample.parse(given)
    assert SECRET_TEXT not in str(error.value)
    assert error.value.__suppress_context__
    with pytest.raises(ValidationError) as raw:
        Sample.model_validate(given)
    assert SECRET_TEXT not in str(raw.value)


def test_all_faults_stand_in_one_message():
    with pytest.raises(ConfigError) as error:
        Sample.parse({"count": 0, "cuont": 1, "inner": {"depth": 10, "x": 1}, "words": [1]}, source="f")
    assert str(error.value).splitlines() == [
        "f: 5 faults",
        "  count: got 0, input should be greater than or equal to 1",
        "  words.0: got 1, input should be a valid string",
        "  inner.depth: got 10, input should be less than or equal to 9",
        "  inner.x: no such field; allowed: depth",
        "  cuont: no such field; allowed: count, maybe, words, by_name, inner; did you mean 'count'?",
    ]
    assert [fault.path for fault in error.value.faults] == ["count", "words.0", "inner.depth", "inner.x", "cuont"]


def test_a_model_passes_through_parse_as_it_is():
    sample = Sample(count=3)
    assert Sample.parse(sample) is sample


def test_a_model_is_frozen():
    with pytest.raises(ValidationError, match="frozen"):
        setattr(Sample(), "count", 3)  # noqa: B010 — a type checker would refuse the plain form


def test_the_schema_of_a_field_is_that_of_its_type():
    properties = Sample.model_json_schema()["properties"]
    assert properties["count"] == {
        "default": 2, "description": "How many.", "maximum": 9, "minimum": 1, "title": "Count", "type": "integer",
    }  # fmt: skip
    assert properties["maybe"]["anyOf"] == [{"maximum": 9, "minimum": 1, "type": "integer"}, {"type": "null"}]
    assert properties["words"]["items"] == {"type": "string"}


@pytest.mark.parametrize("value", [1, "x", None, [Output]])
def test_plain_values_are_no_outputs(value):
    assert not is_output(value)
