"""`ServingGateway`: the Gateway through which requests come, with its certificate."""

from typing import Any

import pulumi

from modelberth.core.component import Component
from modelberth.core.config import Config, In
from modelberth.core.labels import Labels
from modelberth.kubernetes.manifest import Place
from modelberth.kubernetes.names import DnsLabel
from modelberth.kubernetes.network import Gateway, GatewayShape, gateway_objects
from modelberth.kubernetes.objects import create


class ServingGatewayArgs(Config):
    """A gateway, and where it stands."""

    shape: GatewayShape
    """What it listens for, and with which certificate."""

    namespace: In[DnsLabel]
    """Where it stands, and whose routes it takes."""

    labels: Labels | None = None
    """Who owns it. Left out: no labels."""


class ServingGateway(Component):
    """The Gateway, its certificate, the oldest TLS that it speaks, and the redirection to HTTPS."""

    gateway: Gateway
    """What routes attach to."""

    def __init__(
        self, name: str, args: ServingGatewayArgs | dict[str, Any], opts: pulumi.ResourceOptions | None = None
    ) -> None:
        args = ServingGatewayArgs.parse(args, name)
        super().__init__(name, args, opts)
        place = Place(args.namespace, name, args.labels)
        create(gateway_objects(name, args.shape, place), self.child())
        self.gateway = args.shape.made(name, place)
        self.register_outputs({"hostname": args.shape.hostname})
