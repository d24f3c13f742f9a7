"""A foundation that several stacks stand on: one makes and exports it, the others read it.

pulumi.export("shared", exported(KubernetesFoundation("ml", {…}).shared))

stated = {"cluster": {"kubeconfig": "…", "context": "prod"}, "models": {"prefix": "s3://models/prod"}}
shared = shared_from(pulumi.StackReference("platform/cluster/prod"), stated)
DeploymentEndpoint("ranker", {"foundation": shared, …}, pulumi.ResourceOptions(provider=provider_of("k8s", …)))
"""

from collections.abc import Iterator, Mapping
from typing import Any

import pulumi
from pydantic import Field, ValidationError

from modelberth.core.component import inputs_of
from modelberth.core.config import Config
from modelberth.core.errors import ConfigError, Fault, faults_of
from modelberth.kubernetes.accelerators import Accelerator
from modelberth.kubernetes.addons import Addons
from modelberth.kubernetes.foundation import Foundation, Prometheus
from modelberth.kubernetes.identity import WorkloadIdentity
from modelberth.kubernetes.images import Images
from modelberth.kubernetes.model_files import ModelStore
from modelberth.kubernetes.names import DnsLabel
from modelberth.kubernetes.network import Gateway
from modelberth.kubernetes.peers import Mesh
from modelberth.kubernetes.provider import Cluster

SAME = ("models", "mesh")
"""What must be stated as it is there: without it a service would not work, or would not be let through."""
WHERE_STATED = ("gateway", "prometheus", "identity")
"""What must be as it is there if it is used at all."""
SOME_OF = ("accelerators", "images")
EACH_OF = ("addons", "pull_secrets", "residency")
"""Of what some may be used: each must be there, and of those with names as it is there."""


class SharedArgs(Config):
    """What the foundation of another stack has. It is stated here, in plain values, because what is built on it is
    decided before the other stack answers, and checked once it does."""

    cluster: Cluster
    """The cluster, and as whom this stack enters it: who makes a namespace is not who fills it."""

    models: ModelStore
    """Where the files of models are."""

    output: str = "shared"
    """Name of the output. Left out: `shared`."""

    images: Images = Field(default_factory=dict)
    """Those that are used. Left out: none."""

    addons: Addons = ()
    """Those that are used. Left out: none."""

    gateway: Gateway | None = None
    """The gateway, if it is used. Left out: services are reached in the cluster only."""

    prometheus: Prometheus | None = None
    """Where metrics are asked for, if they are. Left out: nowhere."""

    accelerators: dict[str, Accelerator] = Field(default_factory=dict)
    """Those that are used. Left out: none."""

    pull_secrets: tuple[DnsLabel, ...] = ()
    """Those that are used. Left out: none."""

    residency: tuple[str, ...] = ()
    """What of it is relied on. Left out: nothing."""

    identity: WorkloadIdentity | None = None
    """Whom services are at the cloud. Left out: nobody."""

    mesh: Mesh | None = None
    """How pods of the namespace are in a mesh. Left out: not at all."""


def exported(foundation: Foundation) -> dict[str, Any]:
    """A foundation as an output of its stack: all but the cluster, which each stack enters as somebody of its own."""
    return {name: value for name, value in inputs_of(foundation).items() if name != "cluster"}


def shared_from(reference: pulumi.StackReference, args: SharedArgs | dict[str, Any]) -> Foundation:
    """The foundation that another stack exports with `exported`.

    Its namespace is known once that stack answers. If it then lacks something or differs from what was stated, the run
    fails with one `ConfigError` that names all of it, before anything is made.
    """
    args = SharedArgs.parse(args)
    stack = reference.pulumi_resource_name
    namespace = reference.get_output(args.output).apply(lambda value: checked(value, args, stack))
    return _stated(args, namespace)


def checked(value: object, args: SharedArgs, stack: str) -> str:
    """The namespace in an output, if all is as it was stated. Raises `ConfigError` with all that is not."""
    source = f"output {args.output!r} of stack {stack}"
    if not isinstance(value, Mapping):
        what = "there is none" if value is None else "it is no foundation"
        raise ConfigError([Fault("", what, f'write pulumi.export("{args.output}", exported(…)) there')], source)
    try:
        # A later version may export more.
        found = Foundation.model_validate({**value, "cluster": args.cluster}, extra="ignore")
    except ValidationError as error:
        raise ConfigError(faults_of(error, "", Foundation), source) from None
    faults = list(_differing(exported(found), exported(_stated(args, found.namespace))))
    if faults:
        raise ConfigError(faults, source)
    return str(found.namespace)


def _stated(args: SharedArgs, namespace: pulumi.Input[str]) -> Foundation:
    return Foundation(namespace=namespace, **{name: value for name, value in args if name != "output"})


def _differing(found: Mapping[str, Any], stated: Mapping[str, Any]) -> Iterator[Fault]:
    for name in (*SAME, *(name for name in WHERE_STATED if name in stated)):
        if name not in found and name in stated:
            yield Fault(name, "there is none there", "leave it out, or add it there")
        elif found.get(name) != stated.get(name):
            yield Fault(name, "it is another there", f"state what that stack has: {found[name]}")
    yield from _lacking(found, stated)


def _lacking(found: Mapping[str, Any], stated: Mapping[str, Any]) -> Iterator[Fault]:
    for field in SOME_OF:
        for name in (name for name, value in stated[field].items() if found[field].get(name) != value):
            what = "it is another there" if name in found[field] else "there is none there"
            yield Fault(f"{field}.{name}", what, "state it as that stack does, or add it there")
    for field in EACH_OF:
        have = ", ".join(found[field]) or "none"
        for name in (name for name in stated[field] if name not in found[field]):
            yield Fault(field, f"got {name}, that stack has {have}", "take it out, or add it there")
