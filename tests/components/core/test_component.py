"""The base of every component: its token, what it records, what its children get."""

import pulumi
import pytest

from modelberth.core.component import Component, inputs_of
from modelberth.core.config import Config, In
from modelberth.core.errors import ConfigError
from modelberth_policies.resources import Secret
from modelberth_policies.sources.program import run_in_process


class Part(pulumi.CustomResource):
    def __init__(self, name, opts=None):
        super().__init__("test:index:Part", name, {}, opts)


class Depth(Config):
    metres: int = 3
    note: str | None = None


class BoxArgs(Config):
    size: In[int]
    token: In[str] | None = None
    depth: Depth = Depth()
    tags: dict[str, str] = {}
    layers: tuple[Depth, ...] = ()
    other: pulumi.ComponentResource | None = None


class Box(Component):
    def __init__(self, name, args, opts=None):
        args = BoxArgs.parse(args, name)
        super().__init__(name, args, opts)
        Part(name, self.child())
        Part(f"{name}-late", self.child(protect=True))
        self.register_outputs({})


def planned(**args):
    return run_in_process(lambda: Box("crate", args) and None)


def test_the_token_is_made_of_the_class():
    assert planned(size=1).of_type("modelberth:index:Box")[0].key == "modelberth:index:Box::crate"


def test_the_inputs_are_recorded_as_plain_values():
    given = {"size": 1, "tags": {"a": "b"}, "layers": [{"metres": 1, "note": "x"}, {}], "depth": {"metres": 9}}
    assert dict(planned(**given)["modelberth:index:Box::crate"].inputs) == {
        "size": 1, "tags": {"a": "b"}, "layers": [{"metres": 1, "note": "x"}, {"metres": 3}], "depth": {"metres": 9},
    }  # fmt: skip


def test_a_recorded_secret_stays_a_secret():
    plan = run_in_process(lambda: Box("crate", {"size": 1, "token": pulumi.Output.secret("hunter2")}) and None)
    token = plan["modelberth:index:Box::crate"].get("token")
    assert isinstance(token, Secret) and token.value == "hunter2"


def test_a_component_that_a_field_holds_is_recorded_by_name():
    def program():
        inner = Box("inner", {"size": 1})
        Box("outer", {"size": 1, "other": inner})

    assert run_in_process(program)["modelberth:index:Box::outer"].get("other") == "inner"


def test_children_stand_under_the_component_with_their_own_options():
    plan = planned(size=1)
    box = plan["modelberth:index:Box::crate"]
    assert [child.key for child in plan.children(box)] == [
        "modelberth:index:Box$test:index:Part::crate",
        "modelberth:index:Box$test:index:Part::crate-late",
    ]
    assert [child.options.protect for child in plan.children(box)] == [False, True]


def test_bad_arguments_name_the_component_and_the_field():
    with pytest.raises(ConfigError, match=r"crate\.size: got 1\.5, input should be a valid integer"):
        planned(size=1.5)


def test_what_is_left_out_is_not_recorded():
    assert inputs_of(Depth()) == {"metres": 3}
