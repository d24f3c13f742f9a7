"""`ServingNamespace`: a namespace with all that guards it, for models and whoever else serves there."""

from typing import Any

import pulumi

from modelberth.core.component import Component
from modelberth.core.config import Config
from modelberth.core.labels import Labels
from modelberth.kubernetes.manifest import Place
from modelberth.kubernetes.namespace import NamespaceShape, guard_objects, namespace_objects
from modelberth.kubernetes.objects import create
from modelberth.kubernetes.peers import Dns


class ServingNamespaceArgs(Config):
    """A namespace, and where its pods ask for names."""

    shape: NamespaceShape
    """Its name, and what may be in it."""

    dns: Dns = Dns()
    """Where its pods ask for names. Left out: CoreDNS in kube-system."""

    labels: Labels | None = None
    """Who owns it. Left out: no labels."""


class ServingNamespace(Component):
    """The namespace, its default-deny policy, quota, limits, mutual TLS and secrets."""

    namespace: pulumi.Output[str]
    """Its name, known once it and its guards are there: what is made in it waits for all of them."""

    def __init__(
        self, name: str, args: ServingNamespaceArgs | dict[str, Any], opts: pulumi.ResourceOptions | None = None
    ) -> None:
        args = ServingNamespaceArgs.parse(args, name)
        super().__init__(name, args, opts)
        made = create(namespace_objects(name, args.shape, args.labels), self.child())
        inside = Place(made[name].metadata["name"], name, args.labels)
        guards = create(guard_objects(name, args.shape, inside, args.dns), self.child())
        standing = [guard.metadata["name"] for guard in guards.values()]
        self.namespace = pulumi.Output.all(inside.namespace, *standing).apply(lambda names: names[0])
        self.register_outputs({"namespace": self.namespace})
