"""`EdgeUpdater`: a CronJob on a box that pulls what is published for it, since Pulumi does not reach a box behind NAT.

It is put on the box once, when the box is set up: by Pulumi, or as a bundle (`bundle_of(updater_objects(…))`) that a
person applies. What it then brings are bundles of `EdgeEndpoint`; it never changes itself.
"""

import math
from typing import Annotated, Any, Self

import pulumi
from pydantic import Field, StringConstraints, model_validator

from modelberth.core.component import Component
from modelberth.core.config import Config, In
from modelberth.core.labels import Labels
from modelberth.core.model import Digest
from modelberth.core.quantities import Seconds
from modelberth.kubernetes.edge.box_api import PATHS
from modelberth.kubernetes.edge.workload import NEVER
from modelberth.kubernetes.foundation import Foundation, place_of
from modelberth.kubernetes.identity import ClusterToken, service_account, token_mount, token_volume
from modelberth.kubernetes.images import ImageRef
from modelberth.kubernetes.manifest import Manifest, Place, labels_of, manifest
from modelberth.kubernetes.network import Callers, Ports, workload_policy
from modelberth.kubernetes.objects import create
from modelberth.kubernetes.peers import Reached
from modelberth.kubernetes.pods import HARDENED, surroundings, tmp_mount, tmp_volume
from modelberth.kubernetes.quantities import Resources, requirements
from modelberth.kubernetes.rights import Right, rights_objects

USER = 65532
KEY_FILE, KEY_PATH = "key.pem", "/etc/modelberth"
MARGIN_SECONDS = 300
"""For downloads, beside the two times that readiness is waited for: of what is new, and of what comes back."""


class EdgeUpdaterArgs(Config):
    """Where bundles are published for a box, and how they prove themselves."""

    foundation: Foundation
    """Where it stands; `cluster.api_server` says where the box's API server is."""

    image: In[ImageRef]
    """An image with this package, and with `cryptography` where `key` is given, by digest; it stands on the box."""

    source: Annotated[str, StringConstraints(pattern=r"^https://\S+[^/\s]$")]
    """Address below which `bundle.write` was published: `https://updates.example.com/shop-12`."""

    reached: Annotated[tuple[Reached, ...], Field(min_length=1)]
    """Its addresses: a network policy knows no host names."""

    key: Annotated[str, StringConstraints(pattern=r"^-----BEGIN PUBLIC KEY-----\n")] | None = None
    """The Ed25519 public key (PEM) of who signs pointers (`published.sign`). Left out: `pinned` proves them."""

    pinned: Digest | None = None
    """The digest of the one bundle that is wanted. Left out: `key` proves each."""

    cron: Annotated[str, StringConstraints(pattern=r"^(\S+\s+){4}\S+$")] = "*/15 * * * *"
    """When it looks, in UTC. Left out: every 15 minutes."""

    ready_within: Annotated[Seconds, Field(ge=10, le=7200)] = 600
    """How long what is new may take to become ready; then what was before comes back. Left out: 10 minutes."""

    labels: Labels | None = None
    """Who owns it. Left out: no labels but those that Kubernetes recommends."""

    @model_validator(mode="after")
    def _possible(self) -> Self:
        if (self.key is None) == (self.pinned is None):
            got = "neither" if self.key is None else "both"
            raise ValueError(f"got {got} of key and pinned; give one of them, by which a bundle is believed")
        if self.foundation.cluster.api_server is None:
            why = "so that its network policy would keep the updater from it"
            raise ValueError(f"foundation.cluster.api_server says not where the API server is, {why}; name it there")
        return self


class EdgeUpdater(Component):
    """What keeps the models of a box at what is published for it."""

    resource_id: pulumi.Output[str]
    """`<namespace>/<name>` of the CronJob."""

    def __init__(
        self, name: str, args: EdgeUpdaterArgs | dict[str, Any], opts: pulumi.ResourceOptions | None = None
    ) -> None:
        args = EdgeUpdaterArgs.parse(args, name)
        super().__init__(name, args, opts)
        objects = updater_objects(args, name)
        job = {name: objects.pop(name)}
        before = create(objects, self.child())
        create(job, self.child(depends_on=list(before.values())))
        self.resource_id = pulumi.Output.concat(args.foundation.namespace, "/", name)
        self.register_outputs({"resource_id": self.resource_id})


def updater_objects(args: EdgeUpdaterArgs, name: str) -> dict[str, Manifest]:
    """Resource name to object, for all that it makes. Pure. Raises `ConfigError` where the name is too long."""
    place = place_of(args.foundation, name, args.labels)
    return {
        f"{name}-account": service_account(place),
        f"{name}-network": _policy(args, place),
        **rights_objects(place, RIGHTS),
        **({} if args.key is None else {f"{name}-key": manifest("ConfigMap", f"{name}-key", place, data=_key(args))}),
        name: _cron_job(args, place),
    }


RIGHTS = tuple(
    Right(
        group=version.rpartition("/")[0],
        resources=tuple(PATHS[each] for each in PATHS if each[0] == version),
        verbs=("get", "create", "patch", "delete"),
    )
    for version in dict.fromkeys(version for version, _ in PATHS)
)
"""What a bundle may have, and nothing that leads to the rights of others: no Secrets, no roles."""


def _key(args: EdgeUpdaterArgs) -> dict[str, str]:
    return {} if args.key is None else {KEY_FILE: args.key}


def _policy(args: EdgeUpdaterArgs, place: Place) -> Manifest:
    """It asks the API server and the place of publication; nobody asks it."""
    foundation, api_server = args.foundation, args.foundation.cluster.api_server
    models = foundation.models.model_copy(update={"egress": ()})
    alone = foundation.model_copy(update={"models": models, "prometheus": None, "gateway": None, "identity": None})
    reached = [*(() if api_server is None else (api_server,)), *args.reached]
    return workload_policy(alone, place, Ports(()), Callers(), egress=reached)


def _cron_job(args: EdgeUpdaterArgs, place: Place) -> Manifest:
    job = {
        "backoffLimit": 0,
        "activeDeadlineSeconds": math.ceil(2 * args.ready_within) + MARGIN_SECONDS,
        "template": {"metadata": {"labels": labels_of(place)}, "spec": _pod(args, place)},
    }
    spec = {
        "schedule": " ".join(args.cron.split()),
        "timeZone": "Etc/UTC",
        # Two at once would bring two bundles.
        "concurrencyPolicy": "Forbid",
        "startingDeadlineSeconds": 600,
        "successfulJobsHistoryLimit": 1,
        "failedJobsHistoryLimit": 3,
        "jobTemplate": {"metadata": {"labels": labels_of(place)}, "spec": job},
    }
    return manifest("CronJob", place.instance, place, spec=spec)


def _pod(args: EdgeUpdaterArgs, place: Place) -> Manifest:
    key = {"name": "key", "configMap": {"name": f"{place.instance}-key"}}
    return {
        **surroundings(args.foundation, USER, place.instance),
        "restartPolicy": "Never",
        "containers": [_container(args, place)],
        "volumes": [token_volume(ClusterToken()), tmp_volume(), *([] if args.key is None else [key])],
    }


def _container(args: EdgeUpdaterArgs, place: Place) -> Manifest:
    told = ["--from", args.source, "--state", f"{place.instance}-state", "--ready-seconds", f"{args.ready_within:g}"]
    proof = ["--pinned", args.pinned] if args.pinned is not None else ["--key", f"{KEY_PATH}/{KEY_FILE}"]
    key = [] if args.key is None else [{"name": "key", "mountPath": KEY_PATH, "readOnly": True}]
    return {
        "name": "pull",
        "image": args.image,
        "imagePullPolicy": NEVER,
        "command": ["python", "-m", "modelberth.kubernetes.edge.pull"],
        "args": [*told, *proof],
        "env": [{"name": "HOME", "value": "/tmp"}],  # noqa: S108 - a path in the pod
        "resources": requirements(Resources(cpu=0.05, memory_gib=0.0625), disk_gib=1),
        "securityContext": dict(HARDENED),
        "volumeMounts": [token_mount(ClusterToken()), tmp_mount(), *key],
        "terminationMessagePolicy": "FallbackToLogsOnError",
    }
