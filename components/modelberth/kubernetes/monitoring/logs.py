"""`LogShipping`: what containers write goes to Elasticsearch, OpenSearch or Loki, by Fluent Bit on each node."""

import base64
from collections.abc import Mapping
from importlib import resources
from typing import Annotated, Any

import pulumi
from pydantic import Field

from modelberth.core.component import Component
from modelberth.core.config import Config, In
from modelberth.core.labels import Labels, render
from modelberth.core.naming import fingerprint
from modelberth.kubernetes.images import ImageRef
from modelberth.kubernetes.manifest import API_VERSIONS, MANAGED_BY, Manifest, Place, manifest, selector
from modelberth.kubernetes.monitoring import fluent_bit
from modelberth.kubernetes.monitoring.fluent_bit import CONFIG_PATH, HTTP_PORT, POSITIONS_PATH, SECRET_PATH
from modelberth.kubernetes.monitoring.log_backends import Elasticsearch, LogBackend, Loki, OpenSearch
from modelberth.kubernetes.monitoring.retention import retention_job
from modelberth.kubernetes.names import DnsLabel
from modelberth.kubernetes.objects import create
from modelberth.kubernetes.peers import Dns, Reached, dns_rule, egress_rule
from modelberth.kubernetes.pods import HARDENED
from modelberth.kubernetes.quantities import Resources, requirements

MAIN_FILE = "fluent-bit.yaml"
REASON = "modelberth.dev/reason"
"""Annotation of a namespace that is not restricted: why."""


class LogShippingArgs(Config):
    """Logs of some namespaces, to one backend."""

    namespace: DnsLabel
    """A namespace of its own, which is made: its pods read files of their nodes, which no standard but `privileged`
    allows. Nothing else may stand there."""

    reason: Annotated[str, Field(min_length=10)]
    """Why pods may read files of nodes, for whoever looks at the namespace."""

    image: In[ImageRef]
    """Fluent Bit 3.2 or later, by digest."""

    source_namespaces: Annotated[tuple[DnsLabel, ...], Field(min_length=1)]
    """Whose logs are sent. Those of others are not read."""

    to: LogBackend
    """Where they go."""

    reaches: Annotated[tuple[Reached, ...], Field(min_length=1)]
    """Addresses or pods of the backend, for the network policy: `{cidr: 10.0.0.0/8, ports: [9200]}`."""

    dns: Dns = Dns()
    """Where names are asked for. Left out: kube-dns."""

    resources: Resources = Resources(cpu=0.05, memory_gib=0.125)
    """Cores and memory on each node. Left out: 50 thousandths and 128 MiB."""

    labels: Labels | None = None
    """Who owns it. Left out: no labels but those that Kubernetes recommends."""


class LogShipping(Component):
    """Fluent Bit on each node, in a namespace of its own."""

    namespace: pulumi.Output[str]
    """Where it runs."""

    def __init__(
        self, name: str, args: LogShippingArgs | dict[str, Any], opts: pulumi.ResourceOptions | None = None
    ) -> None:
        args = LogShippingArgs.parse(args, name)
        super().__init__(name, args, opts)
        made = create({f"{name}-namespace": namespace(args)}, self.child())
        create(shipping_objects(args, name), self.child(depends_on=list(made.values())))
        self.namespace = pulumi.Output.from_input(args.namespace)
        self.register_outputs({"namespace": self.namespace})


def namespace(args: LogShippingArgs) -> Manifest:
    """The namespace, with the reason for what it allows. Pure."""
    rendered = {} if args.labels is None else render(args.labels, "kubernetes")
    metadata = {
        "name": args.namespace,
        "labels": {**rendered, **MANAGED_BY, "pod-security.kubernetes.io/enforce": "privileged"},
        "annotations": {REASON: args.reason},
    }
    return {"apiVersion": API_VERSIONS["Namespace"], "kind": "Namespace", "metadata": metadata}


def shipping_objects(args: LogShippingArgs, name: str) -> dict[str, Manifest]:
    """Resource name to object, for all that stands in the namespace. Pure."""
    place = Place(args.namespace, name, args.labels)
    config = {MAIN_FILE: fluent_bit.main_config(args.source_namespaces)}
    files = _secret_files(args.to)
    account = manifest("ServiceAccount", name, place, automountServiceAccountToken=False)
    policy = {
        "podSelector": {},
        "policyTypes": ["Ingress", "Egress"],
        "ingress": [],
        "egress": [dns_rule(args.dns), *(egress_rule(each) for each in args.reaches)],
    }
    return {
        f"{name}-account": account,
        f"{name}-network": manifest("NetworkPolicy", name, place, spec=policy),
        f"{name}-config": manifest("ConfigMap", name, place, data=config),
        f"{name}-secret": manifest("Secret", name, place, type="Opaque", data=_encoded(files)),
        name: daemon_set(args, place, _hash({**config, **files})),
        **retention_job(args.to, place, _script()),
    }


def _secret_files(backend: Elasticsearch | OpenSearch | Loki) -> dict[str, pulumi.Input[str]]:
    credentials, authority = backend.credentials, backend.certificate_authority
    files: dict[str, pulumi.Input[str]] = {fluent_bit.OUTPUT_FILE: fluent_bit.output_config(backend)}
    if credentials is not None:
        files |= {"user": credentials.user, "password": credentials.password}
    return files if authority is None else {**files, fluent_bit.AUTHORITY_FILE: authority}


def _encoded(files: Mapping[str, pulumi.Input[str]]) -> dict[str, pulumi.Output[str]]:
    """As `data`: with server-side apply a file that leaves `stringData` stays in the Secret.

    Source: https://github.com/kubernetes/kubernetes/issues/108008
    """
    return {
        name: pulumi.Output.from_input(text).apply(lambda plain: base64.b64encode(plain.encode()).decode())
        for name, text in files.items()
    }


def _hash(files: Mapping[str, pulumi.Input[str]]) -> pulumi.Output[str]:
    """Changes with any file. Secret in the state where one of them is; in the cluster it is plain, and eight letters
    of a hash do not tell a password that cannot be guessed."""
    return pulumi.Output.from_input(dict(files)).apply(fingerprint)


def _script() -> str:
    return (resources.files("modelberth.kubernetes.monitoring") / "put_documents.py").read_text(encoding="utf-8")


def daemon_set(args: LogShippingArgs, place: Place, config_hash: pulumi.Input[str]) -> Manifest:
    """Fluent Bit on each Linux node. Pure."""
    labels = selector(place)
    spec = {
        "serviceAccountName": place.instance,
        "automountServiceAccountToken": False,
        "enableServiceLinks": False,
        # The kubelet's files are root's. It drops every capability, and mounts them read-only.
        "securityContext": {"runAsUser": 0, "runAsGroup": 0, "seccompProfile": {"type": "RuntimeDefault"}},
        # Every Linux node, whatever it is kept for; on a Windows one there are no such files, and no such image.
        "os": {"name": "linux"},
        "nodeSelector": {"kubernetes.io/os": "linux"},
        "tolerations": [{"operator": "Exists"}],
        "containers": [_container(args)],
        "volumes": _volumes(place.instance),
    }
    # Fluent Bit reads its files when it starts: others, or another password, start it anew.
    metadata = {"labels": {**labels, **MANAGED_BY}, "annotations": {"modelberth.dev/config": config_hash}}
    body = {"selector": {"matchLabels": labels}, "template": {"metadata": metadata, "spec": spec}}
    return manifest("DaemonSet", place.instance, place, spec=body)


def _container(args: LogShippingArgs) -> Mapping[str, Any]:
    healthy = {"httpGet": {"path": "/api/v1/health", "port": "http"}, "timeoutSeconds": 5}
    return {
        "name": "fluent-bit",
        "image": args.image,
        "args": ["--config", f"{CONFIG_PATH}/{MAIN_FILE}"],
        "ports": [{"name": "http", "containerPort": HTTP_PORT}],
        "resources": requirements(args.resources),
        "securityContext": {**HARDENED, "runAsNonRoot": False},
        "startupProbe": {**healthy, "periodSeconds": 5, "failureThreshold": 12},
        "readinessProbe": {**healthy, "periodSeconds": 10},
        "livenessProbe": {**healthy, "periodSeconds": 30, "failureThreshold": 6},
        "terminationMessagePolicy": "FallbackToLogsOnError",
        "volumeMounts": [
            {"name": "config", "mountPath": CONFIG_PATH, "readOnly": True},
            {"name": "secret", "mountPath": SECRET_PATH, "readOnly": True},
            {"name": "logs", "mountPath": "/var/log", "readOnly": True},
            {"name": "positions", "mountPath": POSITIONS_PATH},
        ],
    }


def _volumes(name: str) -> list[Mapping[str, Any]]:
    return [
        {"name": "config", "configMap": {"name": name}},
        {"name": "secret", "secret": {"secretName": name, "defaultMode": 0o400}},
        {"name": "logs", "hostPath": {"path": "/var/log", "type": "Directory"}},
        {"name": "positions", "hostPath": {"path": f"/var/lib/modelberth-{name}", "type": "DirectoryOrCreate"}},
    ]
