"""What is kept secret: certificates by cert-manager, and secrets by External Secrets or sealed in Pulumi's state.

Whoever needs a secret mounts it as a file: environment variables show up in logs, dumps and child processes. How the
cluster encrypts its own store is up to whoever makes the cluster.
"""

import base64
from collections.abc import Mapping, Sequence
from typing import Annotated, Any, Literal, Self

import pulumi
from pydantic import AfterValidator, Field, StringConstraints, model_validator

from modelberth.core.config import Config, is_output, one_of
from modelberth.core.errors import ConfigError, Fault
from modelberth.core.quantities import Seconds
from modelberth.kubernetes.manifest import Manifest, Place, manifest
from modelberth.kubernetes.names import DnsName
from modelberth.kubernetes.quantities import duration

CERTIFICATE_SECONDS = 90 * 24 * 3600
RENEWAL_SECONDS = 30 * 24 * 3600
"""How long a certificate holds, and how long before its end it is renewed."""

READABLE_BY_GROUP = 0o440
"""Mode of a mounted secret: pods run with the group that owns their volumes."""


class Issuer(Config):
    """Who signs certificates: an issuer of cert-manager that is there.

    An ACME one must prove host names by DNS-01. HTTP-01 cannot work in a namespace of this library: the pod that
    answers is closed by its default-deny policy, the Service before it wants a node's port, of which its quota allows
    none, and a gateway that is made here answers nothing on port 80.
    Sources: https://cert-manager.io/docs/configuration/acme/dns01/ and
    https://cert-manager.io/docs/configuration/acme/http01/
    """

    name: DnsName
    """Its name."""

    kind: Literal["ClusterIssuer", "Issuer"] = "ClusterIssuer"
    """Whether it serves the whole cluster or stands in the namespace itself. Left out: the whole cluster."""


def certificate(name: str, place: Place, hostnames: Sequence[str], issuer: Issuer) -> Manifest:
    """A certificate and its key, kept in the Secret of the same name and renewed by themselves. Pure.

    Nothing waits for it: a record in DNS takes its time.
    Source: https://cert-manager.io/docs/reference/api-docs/#cert-manager.io/v1.CertificateSpec
    """
    spec = {
        "secretName": name,
        "dnsNames": list(hostnames),
        "issuerRef": {"group": "cert-manager.io", "kind": issuer.kind, "name": issuer.name},
        "duration": duration(CERTIFICATE_SECONDS),
        "renewBefore": duration(RENEWAL_SECONDS),
        "usages": ["digital signature", "server auth"],
        # A new key with every renewal: one that leaked ends with its certificate.
        "privateKey": {"algorithm": "ECDSA", "size": 256, "rotationPolicy": "Always"},
    }
    return manifest("Certificate", name, place, spec=spec)


SecretKey = Annotated[str, StringConstraints(max_length=253, pattern=r"^[-._a-zA-Z0-9]+$")]
"""A key of a Secret, which is the name of its file.
Source: https://kubernetes.io/docs/concepts/configuration/secret/#restriction-names-data"""

SecretType = Literal["Opaque", "kubernetes.io/dockerconfigjson"]
PULL_KEY = ".dockerconfigjson"
"""The one key of a Secret with which images are pulled.
Source: https://kubernetes.io/docs/tasks/configure-pod-container/pull-image-private-registry/"""


def _sealed(value: Any) -> Any:
    if not is_output(value):
        fix = 'hand a secret Output, pulumi.Config().require_secret("…"), or name it in a store'
        raise ValueError(f"is plain text, which would stand in files and in the state; {fix}")
    return pulumi.Output.secret(value)


SecretText = Annotated[Any, AfterValidator(_sealed)]
"""A text that is an Output. It is secret from here on, whether it was before or not."""


class SealedSecret(Config):
    """A secret whose values the program has, as Outputs; Pulumi keeps them encrypted in its state."""

    values: Annotated[dict[SecretKey, SecretText], Field(min_length=1)]
    """Key to value."""

    type: SecretType = "Opaque"
    """What it is for. Left out: nothing that Kubernetes knows; `kubernetes.io/dockerconfigjson` is for pulling images.
    """

    @model_validator(mode="after")
    def _has_its_key(self) -> Self:
        _check_pull(self.type, self.values)
        return self


class SecretStore(Config):
    """Where External Secrets reads: a store that is there."""

    name: DnsName
    """Its name."""

    kind: Literal["ClusterSecretStore", "SecretStore"] = "SecretStore"
    """Whether it serves the whole cluster or stands in the namespace itself. Left out: it stands in the namespace, so
    that it can be given what this namespace needs, and no more."""


class RemoteKey(Config):
    """One value in a store."""

    key: Annotated[str, StringConstraints(min_length=1)]
    """Its name there: `prod/models/registry`."""

    property: Annotated[str, StringConstraints(min_length=1)] | None = None
    """Which field of it, where it is a document. Left out: the whole."""

    version: Annotated[str, StringConstraints(min_length=1)] | None = None
    """Which of its versions. Left out: the latest, so that a changed secret arrives."""


class ExternalSecret(Config):
    """A secret whose values a store outside has: they never pass through Pulumi. Needs the add-on external-secrets."""

    store: SecretStore
    """Who has them."""

    keys: Annotated[dict[SecretKey, RemoteKey], Field(min_length=1)]
    """Key to where its value is."""

    refresh: Annotated[Seconds, Field(ge=10)] = 3600
    """How often it is read anew. Left out: every hour."""

    type: SecretType = "Opaque"
    """What it is for, as with a sealed one. Left out: nothing that Kubernetes knows."""

    @model_validator(mode="after")
    def _has_its_key(self) -> Self:
        _check_pull(self.type, self.keys)
        return self


def _check_pull(type_: SecretType, keys: Mapping[str, Any]) -> None:
    if type_ != "Opaque" and set(keys) != {PULL_KEY}:
        raise ValueError(f"got the keys {', '.join(keys)}, {type_} takes one: {PULL_KEY}; rename it")


SecretShape = Annotated[SealedSecret | ExternalSecret, one_of(SealedSecret, store=ExternalSecret, keys=ExternalSecret)]
"""`{"values": {…}}` is sealed in Pulumi's state, `{"store": …, "keys": {…}}` is read from outside."""


def secret(name: str, shape: SealedSecret | ExternalSecret, place: Place) -> Manifest:
    """The object that holds a secret of this name, or has it made. Pure."""
    if isinstance(shape, ExternalSecret):
        return manifest("ExternalSecret", name, place, spec=_external(name, shape))
    data = {key: _encoded(key, value) for key, value in shape.values.items()}
    return manifest("Secret", name, place, type=shape.type, data=data)


def _external(name: str, shape: ExternalSecret) -> Manifest:
    """Source: https://external-secrets.io/latest/api/externalsecret/"""
    data = [{"secretKey": key, "remoteRef": remote.model_dump(exclude_none=True)} for key, remote in shape.keys.items()]
    return {
        "secretStoreRef": {"kind": shape.store.kind, "name": shape.store.name},
        "refreshInterval": duration(shape.refresh),
        # Kept where the store loses it: a model that runs is not stopped by an outage elsewhere.
        "target": {
            "name": name,
            "creationPolicy": "Owner",
            "deletionPolicy": "Retain",
            "template": {"type": shape.type},
        },
        "data": data,
    }


def _encoded(key: str, value: pulumi.Output[Any]) -> pulumi.Output[str]:
    """`data`, and not `stringData`: a key that is later left out of that one stays.

    Source: https://github.com/kubernetes/kubernetes/issues/108008
    """

    def encode(text: Any) -> str:
        if not isinstance(text, str):
            raise ConfigError([Fault(key, "its value is no text", "hand a text, or pulumi.Output.json_dumps of it")])
        return base64.b64encode(text.encode()).decode()

    return value.apply(encode)


def secret_volume(name: str, secret: str, keys: Sequence[str] = ()) -> Manifest:
    """A volume of a pod with the files of a secret; `keys` are those that are wanted. None: all of them."""
    items = {"items": [{"key": key, "path": key} for key in keys]} if keys else {}
    return {"name": name, "secret": {"secretName": secret, "defaultMode": READABLE_BY_GROUP, **items}}


def secret_mount(name: str, path: str) -> Manifest:
    """Where a container has the files of such a volume."""
    return {"name": name, "mountPath": path, "readOnly": True}
