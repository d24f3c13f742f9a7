"""The base of every component: its type token, its recorded inputs, its children's options. The only inheritance."""

from collections.abc import Mapping
from typing import Any

import pulumi
from pydantic import BaseModel

from modelberth.core.config import Config


class Component(pulumi.ComponentResource):
    """A component with the token `modelberth:index:<Class>`.

    Its inputs are recorded in the state, so that policies see what was asked for, not only what was made of it.
    """

    def __init__(self, name: str, args: Config, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__(f"modelberth:index:{type(self).__name__}", name, inputs_of(args), opts)

    def child(self, **options: Any) -> pulumi.ResourceOptions:
        """Options of a child: this component as parent, which also hands down providers and protection."""
        return pulumi.ResourceOptions(parent=self, **options)


def inputs_of(config: BaseModel) -> dict[str, Any]:
    """What Pulumi can record of a configuration: nested plain values and Outputs; fields left out are not there.

    Components that a field holds appear by name: they record themselves.
    """
    return {name: _plain(value) for name, value in config if value is not None}


def _plain(value: object) -> Any:
    if isinstance(value, BaseModel):
        return inputs_of(value)
    if isinstance(value, pulumi.Resource):
        return value.pulumi_resource_name
    if isinstance(value, Mapping):
        return {str(key): _plain(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(item) for item in value]
    return value
