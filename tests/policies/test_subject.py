"""What rules read: values, presence, parts, documents, references — and never an unknown by mistake."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from modelberth_policies.limits import Limits
from modelberth_policies.resources import GAP, MISSING, UNKNOWN, Partial, Plan, Resource, Secret
from modelberth_policies.subject import Stack, Subject, Undeterminable, canonical


def subject(inputs, **rest):
    return Subject(Resource("urn:pulumi:s::p::t::n", "t", "n", inputs=inputs, **rest), Limits())


def test_a_value_is_plain_and_an_unknown_one_ends_the_rule():
    read = subject({"a": {"b": [Secret("x"), None]}, "u": UNKNOWN, "p": Partial(f"arn:{GAP}")})
    assert read.value("a.b[0]") == "x"
    assert read.value("a.b[1]") is MISSING
    assert read.value("a.c", 7) == 7
    for path in ("u", "u.deeper", "p"):
        with pytest.raises(Undeterminable) as unknown:
            read.value(path)
        assert unknown.value.path == path


def test_present_takes_what_another_resource_gives():
    dependencies = {"key": ("urn:key",)}
    assert subject({"key": UNKNOWN}, property_dependencies=dependencies).present("key")
    assert subject({"key": {"arn": UNKNOWN}}, property_dependencies=dependencies).present("key.arn")
    with pytest.raises(Undeterminable):
        subject({"key": UNKNOWN}).present("key")
    with pytest.raises(Undeterminable):
        subject({"key": UNKNOWN}, property_dependencies=dependencies).present("key.arn")


def test_a_value_in_an_unknown_part_is_not_known_to_be_there():
    made = subject({"list": [UNKNOWN]}, property_dependencies={"list": ("urn:key",)})
    with pytest.raises(Undeterminable):
        next(made.each("list")).present("key")


@pytest.mark.parametrize("empty", ["", [], {}, None, Secret("")])
def test_nothing_is_not_present(empty):
    assert not subject({"a": empty}).present("a")


@pytest.mark.parametrize("something", [0, False, "x", [UNKNOWN], Secret("x")])
def test_something_is_present(something):
    assert subject({"a": something}).present("a")


def test_parts_know_where_they_stand():
    containers = list(subject({"c": [{"image": "a"}, {"image": UNKNOWN}]}).each("c"))
    assert [part.path for part in containers] == ["c[0]", "c[1]"]
    assert containers[0].value("image") == "a"
    with pytest.raises(Undeterminable) as unknown:
        containers[1].value("image")
    assert unknown.value.path == "c[1].image"
    assert containers[0].root.path == ""
    assert [part.path for part in subject({"c": {"image": "a"}}).each("c")] == ["c"]
    assert list(subject({}).each("c")) == []


def test_a_null_among_the_items_is_a_part_without_values():
    (part,) = subject({"c": [None], "image": "of the resource itself"}).each("c")
    assert part.value("image") is MISSING


def test_a_document_is_read_as_far_as_it_is_known():
    text = json.dumps({"Statement": [{"Resource": f"{GAP}/prefix", "Action": "s3:*"}]}, ensure_ascii=False)
    statement = next(subject({"policy": Partial(text)}).document("policy").each("Statement"))
    assert statement.value("Action") == "s3:*"
    assert statement.text("Resource").endswith("/prefix")
    with pytest.raises(Undeterminable):
        statement.value("Resource")
    for unreadable in ("{", UNKNOWN):
        with pytest.raises(Undeterminable):
            subject({"policy": unreadable}).document("policy")


def test_what_is_shown_is_no_secret():
    read = subject({"s": Secret("hunter2"), "l": ["a", Secret("hunter2")], "n": 3, "u": UNKNOWN, "m": {"a": 1}})
    assert [read.show(path) for path in "slnumx"] == [
        "a secret",
        "['a', a secret]",
        "3",
        "unknown",
        "1 fields",
        "unset",
    ]
    assert next(subject({"l": Secret([{"x": "hunter2"}])}).each("l")).show("x") == "a secret"


def test_a_type_has_no_api_version():
    assert canonical("azure-native:app/v20240301preview:ContainerApp") == "azure-native:app:ContainerApp"
    assert canonical("kubernetes:apps/v1:Deployment") == "kubernetes:apps/v1:Deployment"


def test_who_refers_to_whom():
    def made(name, inputs, **rest):
        return Resource(f"urn:pulumi:s::p::t::{name}", "t", name, inputs=inputs, **rest)

    bucket = made("bucket", {"bucket": "acme"}, outputs={"id": "acme-1"})
    by_output = made("a", {"bucket": UNKNOWN}, property_dependencies={"bucket": (bucket.urn,)})
    by_name = made("b", {"bucket": "acme"})
    by_id = made("c", {"bucket": "acme-1"})
    other = made("d", {"bucket": "other"})
    stack = Stack(Plan("p", "s", (bucket, by_output, by_name, by_id, other)), Limits())
    target = stack.of_type("t")[0]
    assert [found.name for found in stack.referring(target, "t", "bucket", "bucket")] == ["a", "b", "c"]


@given(
    st.recursive(
        st.none() | st.booleans() | st.floats() | st.text() | st.just(UNKNOWN),
        lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
    )
)
def test_nothing_that_is_written_breaks_a_reading(value):
    read = subject({"a": value})
    for reading in (read.value, read.present, read.text, lambda path: list(read.each(path)), read.document, read.at):
        try:
            reading("a")
            reading("a.b[0]")
        except Undeterminable:
            pass
    assert read.show("a")
