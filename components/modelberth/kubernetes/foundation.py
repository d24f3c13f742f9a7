"""What the models of one environment in a cluster stand on: provider, namespace, gateway, and what the cluster has."""

from collections.abc import Iterator, Mapping
from typing import Annotated, Any, Self

import pulumi
import pulumi_kubernetes as kubernetes
from pydantic import Field, StringConstraints, model_validator

from modelberth.core.component import Component
from modelberth.core.config import Config, In, one_of
from modelberth.core.errors import ConfigError, Fault
from modelberth.core.labels import Labels
from modelberth.core.naming import validate_logical_name
from modelberth.kubernetes.accelerators import Accelerator
from modelberth.kubernetes.addons import Addon, Addons
from modelberth.kubernetes.encryption import ExternalSecret
from modelberth.kubernetes.identity import WorkloadIdentity
from modelberth.kubernetes.images import Images
from modelberth.kubernetes.manifest import Place
from modelberth.kubernetes.model_files import ModelStore
from modelberth.kubernetes.names import DnsLabel
from modelberth.kubernetes.namespace import NamespaceRef, NamespaceShape
from modelberth.kubernetes.network import Gateway, GatewayShape
from modelberth.kubernetes.peers import Mesh
from modelberth.kubernetes.provider import Cluster, provider_of
from modelberth.kubernetes.serving_gateway import ServingGateway
from modelberth.kubernetes.serving_namespace import ServingNamespace


class Prometheus(Config):
    """Where the metrics of the cluster are."""

    address: Annotated[str, StringConstraints(pattern=r"^https?://\S+$")]
    """Its HTTP API, as seen in the cluster: `http://prometheus.monitoring.svc:9090`."""

    namespace: DnsLabel = "monitoring"
    """The namespace from which it reads. Left out: monitoring."""

    selector: dict[str, str] = Field(default_factory=dict)
    """Labels that its operator looks for on monitors and rules: `{release: prometheus}`. Left out: none."""


class Foundation(Config):
    """What every endpoint needs to know. Made by `KubernetesFoundation`, or written by hand."""

    cluster: Cluster
    """Where, and as whom."""

    namespace: In[DnsLabel]
    """Where the services are."""

    models: ModelStore
    """Where the files of models are."""

    images: Images = Field(default_factory=dict)
    """Model server, by its name in `runtimes/`, to its image by digest. Left out: none, so that each endpoint names its
    own."""

    addons: Addons = ()
    """What is installed. What needs an add-on that is not named is refused. Left out: none."""

    gateway: Gateway | None = None
    """Through which requests come from outside. Left out: services are reached in the cluster only."""

    prometheus: Prometheus | None = None
    """Where metrics are asked for. Left out: nothing can be measured, so nothing scales or rolls back on it."""

    accelerators: dict[str, Accelerator] = Field(default_factory=dict)
    """The short name that services use, `l4`, to the devices of the cluster. Left out: there are none."""

    pull_secrets: tuple[DnsLabel, ...] = ()
    """Secrets with which images are pulled. Left out: the nodes may pull by themselves."""

    residency: tuple[str, ...] = ()
    """What may be said of where it stands: `[eu, europe-west4]`. Left out: a service that asks for a place is refused.
    """

    identity: WorkloadIdentity | None = None
    """Whom services are at the cloud. Left out: nobody."""

    mesh: Mesh | None = None
    """How pods of the namespace are in an Istio mesh. Left out: not at all."""


class KubernetesFoundationArgs(Config):
    """What a stack stands on: what is left out is made, what is given is used."""

    cluster: Cluster
    """Kubeconfig and context."""

    namespace: Annotated[NamespaceShape | NamespaceRef | DnsLabel, one_of(NamespaceShape, existing=NamespaceRef)]
    """`{"name": …, "quota": …}`: it is made, to the restricted Pod Security Standard, with a network policy that denies
    everything that no other allows. `{"existing": …, "mesh": …}`, or only its name: it is there already."""

    models: ModelStore
    """Where the files of models are."""

    images: Images = Field(default_factory=dict)
    """Model server to its image by digest. Left out: none."""

    addons: Addons = ()
    """What is installed in the cluster. Left out: none."""

    gateway: Annotated[GatewayShape | Gateway | None, one_of(GatewayShape, name=Gateway)] = None
    """`{"class_name": …, "hostname": …, "issuer": …}`: one is made. `{"name": …, "namespace": …, "hostname": …}`: it is
    there already. Left out: none."""

    prometheus: Prometheus | None = None
    """Where metrics are asked for. Left out: nowhere."""

    accelerators: dict[str, Accelerator] = Field(default_factory=dict)
    """The devices of the cluster. Left out: none."""

    pull_secrets: tuple[DnsLabel, ...] = ()
    """Secrets with which images are pulled. Left out: none."""

    residency: tuple[str, ...] = ()
    """Where the cluster stands, in the words that services use: `[eu]`. Left out: nothing is known of it."""

    protect: bool = False
    """Whether Pulumi refuses to destroy the namespace, what guards it, and the gateway. Left out: no; strict profiles
    set it."""

    labels: Labels | None = None
    """Who owns it. Left out: no labels."""

    @model_validator(mode="after")
    def _installed(self) -> Self:
        fault = next((why for what in _wanted(self) if (why := _lacking(self.addons, *what))), None)
        if fault is not None:
            raise ValueError(fault)
        return self


class KubernetesFoundation(Component):
    """Provider, namespace and gateway of one stack.

        ml = KubernetesFoundation("ml", {"cluster": {"kubeconfig": …, "context": …}, "namespace": …, "models": …})
        DeploymentEndpoint("ranker", {"foundation": ml.shared, …}, pulumi.ResourceOptions(provider=ml.provider))
        pulumi.export("shared", exported(ml.shared))

    The last line lets other stacks use it: `modelberth.kubernetes.shared.shared_from`.
    """

    provider: kubernetes.Provider
    """The one explicit provider: hand it to everything else in this cluster."""
    shared: Foundation
    """What endpoints take."""

    def __init__(
        self, name: str, args: KubernetesFoundationArgs | dict[str, Any], opts: pulumi.ResourceOptions | None = None
    ) -> None:
        args = KubernetesFoundationArgs.parse(args, name)
        super().__init__(name, args, opts)
        self.provider = provider_of(f"{name}-provider", args.cluster, self.child())
        # Left open where it is not asked for, so that a protection of the component itself is handed down.
        inside = self.child(providers=[self.provider], protect=True if args.protect else None)
        namespace = _namespace(name, args, inside)
        given = {"namespace", "gateway", "identity", "mesh"}
        self.shared = Foundation(
            namespace=namespace,
            gateway=_gateway(name, args, namespace, inside),
            identity=None if isinstance(args.namespace, str) else args.namespace.identity,
            mesh=None if isinstance(args.namespace, str) else args.namespace.mesh,
            **{field: getattr(args, field) for field in Foundation.model_fields.keys() - given},
        )
        self.register_outputs({"namespace": namespace})


def _namespace(name: str, args: KubernetesFoundationArgs, opts: pulumi.ResourceOptions) -> pulumi.Input[str]:
    shape = args.namespace
    if isinstance(shape, str):
        return shape
    if isinstance(shape, NamespaceRef):
        return shape.existing
    told = {"shape": shape, "dns": args.cluster.dns, "labels": args.labels}
    return ServingNamespace(name, told, opts).namespace


def _gateway(
    name: str, args: KubernetesFoundationArgs, namespace: pulumi.Input[str], opts: pulumi.ResourceOptions
) -> Gateway | None:
    if not isinstance(args.gateway, GatewayShape):
        return args.gateway
    told = {"shape": args.gateway, "namespace": namespace, "labels": args.labels}
    return ServingGateway(name, told, opts).gateway


def _wanted(args: KubernetesFoundationArgs) -> Iterator[tuple[Addon, str]]:
    """What of a foundation needs which add-on."""
    shape, gateway = args.namespace, args.gateway
    if not isinstance(shape, str) and shape.mesh is not None:
        yield "istio", "namespace.mesh"
    if isinstance(shape, NamespaceShape) and any(isinstance(one, ExternalSecret) for one in shape.secrets.values()):
        yield "external-secrets", "a secret from a store"
    if isinstance(gateway, GatewayShape):
        yield "gateway-api", "a gateway"
        if gateway.issuer is not None:
            yield "cert-manager", "gateway.issuer"
        if gateway.minimum_tls is not None:
            yield "envoy-gateway", "gateway.minimum_tls"


def place_of(foundation: Foundation, instance: str, labels: Labels | None) -> Place:
    """The place of one service's objects. Raises `ConfigError` for a name that is none of a service's."""
    try:
        validate_logical_name(instance)
    except ValueError as error:
        raise ConfigError([Fault("name", str(error), "rename it")], instance) from None
    return Place(foundation.namespace, instance, labels)


def needs(foundation: Foundation, addon: Addon, what: str) -> str:
    """Why something cannot be where an add-on is not named, in one clause; empty where it can."""
    return _lacking(foundation.addons, addon, what)


def _lacking(addons: Addons, addon: Addon, what: str) -> str:
    if addon in addons:
        return ""
    known = ", ".join(addons) or "none"
    return f"{what} needs {addon} in the cluster; foundation.addons has {known}; install it and name it there"


def devices_of(foundation: Foundation, type_: str, count: int) -> Mapping[str, Any] | None:
    """Devices of a short name, as `ModelServer` takes them. None where the cluster has no such devices."""
    found = foundation.accelerators.get(type_)
    return None if found is None else {"accelerator": found, "count": count}
