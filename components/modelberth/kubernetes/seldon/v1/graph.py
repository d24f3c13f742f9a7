"""What a request passes on its way in Seldon Core 1: a tree of units, of which one is the model of the service.

Source: https://docs.seldon.ai/seldon-core-1/configuration/routing/inference-graph
"""

import re
from collections.abc import Iterator
from typing import Literal, Self

from pydantic import Field, model_validator

from modelberth.core.config import Config, In
from modelberth.core.errors import ConfigError, Fault
from modelberth.core.model import ModelVersion
from modelberth.core.quantities import Share
from modelberth.kubernetes.images import ImageRef
from modelberth.kubernetes.manifest import Manifest
from modelberth.kubernetes.names import DnsLabel
from modelberth.kubernetes.pods import SERVER
from modelberth.kubernetes.quantities import Resources
from modelberth.models.reference import parse

UnitType = Literal["MODEL", "TRANSFORMER", "OUTPUT_TRANSFORMER", "ROUTER", "COMBINER"]
"""What a unit does: it predicts, it changes the request, it changes the answer, it chooses one of its children, it asks
all of them and makes one answer."""

Parameter = bool | int | float | str
"""A value that a unit is started with."""

LONGEST_UNIT = 63 - len("-provision-location")
"""Characters of a unit's name: Seldon puts this behind it, and cuts what is longer."""

TYPES: dict[type, str] = {bool: "BOOL", int: "INT", float: "FLOAT", str: "STRING"}
"""Source: https://docs.seldon.ai/seldon-core-1/reference/seldon-deployment-crd (ParmeterType)"""

CHILDREN = {
    "MODEL": (0, 1),
    "TRANSFORMER": (1, 1),
    "OUTPUT_TRANSFORMER": (1, 1),
    "ROUTER": (2, 100),
    "COMBINER": (2, 100),
}
"""How many children make sense. Of several children of a unit that neither chooses nor combines, the orchestrator asks
all and gives back the first one's answer only: SeldonIO/seldon-core executor/predictor/predictor_process.go."""


class UnitContainer(Config):
    """A unit of your own: it listens on the port in PREDICTIVE_UNIT_HTTP_SERVICE_PORT, and speaks the Open Inference
    Protocol; a router answers on `/v2/models/<name>/route`, a combiner on `/v2/models/<name>/aggregate`.

    Source: SeldonIO/seldon-core executor/api/rest/client.go, modifyMethod
    """

    image: In[ImageRef]
    """Its image by digest."""

    resources: Resources
    """Cores and memory."""

    environment: dict[str, In[str]] = Field(default_factory=dict)
    """Environment variables. No secrets: these are files. Left out: none."""


class Unit(Config):
    """One unit and what comes after it. The one called `server` is the model of the service; every other has a
    `container`, but for a router that goes by chance."""

    name: DnsLabel
    """Its name, unlike that of every other unit, and that of its container. By it the orchestrator asks, so in Seldon
    `server` is called like the model that it serves (`server_name`)."""

    type: UnitType = "MODEL"
    """What it does. Left out: it predicts."""

    container: UnitContainer | None = None
    """What runs. Left out: for `server`, what the endpoint's `server` says."""

    first_share: Share | None = None
    """Of a router with two children and no container: the share of requests that the first of them gets, by chance
    (RANDOM_ABTEST). Left out: it chooses by its own program."""

    parameters: dict[str, Parameter] = Field(default_factory=dict)
    """Values that its program is given in PREDICTIVE_UNIT_PARAMETERS. Left out: none."""

    children: tuple["Unit", ...] = ()
    """What it asks. Left out: nothing."""

    @model_validator(mode="after")
    def _makes_sense(self) -> Self:
        wrong = [*_content(self), *_count(self)]
        if wrong:
            raise ValueError("; ".join(wrong))
        return self


def units_of(unit: Unit) -> Iterator[Unit]:
    """A unit and all below it."""
    yield unit
    for child in unit.children:
        yield from units_of(child)


def graph_faults(root: Unit) -> Iterator[str]:
    """What is wrong with a tree as a whole. Pure."""
    names = [unit.name for unit in units_of(root)]
    twice = sorted({name for name in names if names.count(name) > 1})
    if twice:
        yield f"{', '.join(twice)} is the name of more than one unit; rename them"
    if SERVER not in names:
        yield f"got {', '.join(names)}, and none of them is {SERVER}, the model of the service; add it"


def server_name(model: ModelVersion, graph: Unit, exact: bool) -> str:
    """What the unit of the service's model is called: the orchestrator asks for the model of the unit's name, and by it
    Seldon's own servers call theirs. `exact`: the server has its name from somebody else. Pure.

    Raises `ConfigError` for a name that no container can have, or another unit has.
    """
    name = parse(model.uri).name
    label = re.sub(r"[^a-z0-9]+", "-", name.lower())[:LONGEST_UNIT].strip("-") or SERVER
    if exact and label != name:
        what = f"the model is called {name}, and the orchestrator asks for it by the name of a container"
        raise ConfigError([Fault("orchestrator", what, f"rename it, {label} for one, or leave the orchestrator out")])
    if label in (unit.name for unit in units_of(graph)) and label != SERVER:
        what = f"{label} is a unit, and the model of the service is called so, too"
        raise ConfigError([Fault("graph", what, "rename the unit")])
    return label


def _content(unit: Unit) -> Iterator[str]:
    """What of a unit says what runs in it: exactly one thing."""
    if unit.name == SERVER:
        if unit.container is not None or unit.first_share is not None:
            yield f"{SERVER} is the model of the service, which the endpoint's own server says; leave container out"
        if unit.type != "MODEL":
            yield f"{SERVER} has the type {unit.type}, and it is the model of the service; write MODEL"
        return
    if unit.first_share is not None and (unit.type != "ROUTER" or unit.container is not None):
        yield f"{unit.name} has first_share, which is for a ROUTER without a container; leave one of them out"
    elif unit.container is None and unit.first_share is None:
        yield f"{unit.name} has no container, so nothing runs; give one"


def _count(unit: Unit) -> Iterator[str]:
    least, most = CHILDREN[unit.type]
    count = len(unit.children)
    if unit.first_share is not None and unit.type == "ROUTER" and count != 2:
        yield f"{unit.name} has first_share and {count} children; it chooses between 2"
    elif not least <= count <= most:
        allowed = f"{least}" if least == most else f"{least} to {most}"
        yield f"{unit.name} is a {unit.type} with {count} children; allowed are {allowed}"


def graph_of(unit: Unit, server: Manifest) -> Manifest:
    """The field `graph`; `server` are the words of the model of the service. Pure."""
    own = server if unit.name == SERVER else {}
    chance = [] if unit.first_share is None else [{"name": "ratioA", "value": f"{unit.first_share:g}", "type": "FLOAT"}]
    given = [_parameter(name, value) for name, value in sorted(unit.parameters.items())]
    return {
        "name": unit.name,
        # By its implementation Seldon knows what a unit does; a type beside it would have precedence.
        **({"implementation": "RANDOM_ABTEST"} if chance else {"type": unit.type}),
        **own,
        **({"parameters": [*chance, *given]} if chance or given else {}),
        **({"children": [graph_of(child, server) for child in unit.children]} if unit.children else {}),
    }


def _parameter(name: str, value: Parameter) -> Manifest:
    shown = str(value).lower() if isinstance(value, bool) else str(value)
    return {"name": name, "value": shown, "type": TYPES[type(value)]}


ALONE = Unit(name=SERVER)
"""The graph of a service that is only its model."""
