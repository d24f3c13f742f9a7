"""The pods of a tracking server, its Service, and who may reach it. Pure."""

from typing import Any

import pulumi

from modelberth.core.config import is_output
from modelberth.kubernetes.encryption import secret_mount, secret_volume
from modelberth.kubernetes.foundation import Foundation
from modelberth.kubernetes.identity import pod_labels
from modelberth.kubernetes.manifest import INSTANCE, MANAGED_BY, Manifest, Place, labels_of, manifest, selector
from modelberth.kubernetes.model_files import CredentialsFile
from modelberth.kubernetes.network import Ports, workload_policy
from modelberth.kubernetes.peers import tcp, tunnel_of
from modelberth.kubernetes.pods import HARDENED, spread, surroundings, tmp_mount
from modelberth.kubernetes.quantities import mebibytes, requirements
from modelberth.kubernetes.registry import postgres
from modelberth.kubernetes.registry.config import ExternalPostgres, MlflowRegistryArgs
from modelberth.kubernetes.registry.files import AUTH, AUTHORITY, CONNECTION, DATABASE_URI, ENVIRONMENT, FOLDER
from modelberth.kubernetes.services import PORTS

PORT = 5000
USER = 65532
FILES, STORE = "registry", "store-credentials"
STORE_PATH = "/var/run/secrets/store"
START_SECONDS = 300
"""How long it may take until it answers: an empty database is set up first."""
STOP_SECONDS = 60


def deployment(args: MlflowRegistryArgs, place: Place) -> Manifest:
    """The pods of the server: a new one is ready before an old one goes."""
    labels = {**labels_of(place), **pod_labels(args.foundation.identity)}
    spec = {
        "replicas": args.replicas,
        "selector": {"matchLabels": selector(place)},
        "strategy": {"type": "RollingUpdate", "rollingUpdate": {"maxSurge": 1, "maxUnavailable": 0}},
        "progressDeadlineSeconds": 2 * START_SECONDS,
        "revisionHistoryLimit": 2,
        "template": {"metadata": {"labels": labels}, "spec": _pod(args, place)},
    }
    return manifest("Deployment", place.instance, place, spec=spec)


def service(place: Place) -> Manifest:
    """The stable address of the server."""
    port = {"name": "http", "port": PORTS["http"], "targetPort": "http", "protocol": "TCP"}
    return manifest("Service", place.instance, place, spec={"selector": selector(place), "ports": [port]})


def command(args: MlflowRegistryArgs, place: Place) -> list[Any]:
    """What runs. No argument is a secret: MLflow and libpq read files, of which `environment` tells the paths.

    Source of the options: mlflow@v3.17.2:mlflow/cli/__init__.py
    """
    origins = ["--cors-allowed-origins", ",".join(args.origins)] if args.origins else []
    return [
        *("mlflow", "--env-file", f"{FOLDER}/{ENVIRONMENT}", "server"),
        *("--host", "0.0.0.0", "--port", str(PORT)),  # noqa: S104 - inside the pod; who reaches it, network policies say
        *("--backend-store-uri", DATABASE_URI),
        *("--artifacts-destination", args.artifacts.destination),
        *("--app-name", "basic-auth"),
        *("--workers", str(max(1, int(args.resources.cpu)))),
        *("--allowed-hosts", _hosts(args, place), *origins),
    ]


def environment(args: MlflowRegistryArgs) -> dict[str, Any]:
    """Variables of the server: paths and settings, and no secret."""
    store = args.artifacts.credentials
    shown = {} if store is None or store.variable is None else {store.variable: f"{STORE_PATH}/{store.key}"}
    return {
        "HOME": "/tmp",  # noqa: S108 - a path in the pod
        "MLFLOW_AUTH_CONFIG_PATH": f"{FOLDER}/{AUTH}",
        "MLFLOW_DISABLE_TELEMETRY": "true",
        # Jobs run beside the server, on files that no other pod sees.
        "MLFLOW_SERVER_ENABLE_JOB_EXECUTION": "false",
        "PGSERVICEFILE": f"{FOLDER}/{CONNECTION}",
        **shown,
    }


def _hosts(args: MlflowRegistryArgs, place: Place) -> pulumi.Input[str]:
    """The names of the Service, and whatever was given beside them."""
    name, namespace = place.instance, place.namespace
    if is_output(namespace):
        return pulumi.Output.from_input(namespace).apply(lambda known: ",".join(_names(name, str(known), args.hosts)))
    return ",".join(_names(name, str(namespace), args.hosts))


def _names(name: str, namespace: str, beside: tuple[str, ...]) -> list[str]:
    own = [name, f"{name}.{namespace}", f"{name}.{namespace}.svc", f"{name}.{namespace}.svc.cluster.local"]
    return [*own, *(f"{host}:{PORTS['http']}" for host in own), *beside]


def _pod(args: MlflowRegistryArgs, place: Place) -> Manifest:
    database, store = args.database, args.artifacts.credentials
    authority = isinstance(database, ExternalPostgres) and database.authority is not None
    files = [CONNECTION, AUTH, ENVIRONMENT, *([AUTHORITY] if authority else [])]
    room = {"name": "tmp", "emptyDir": {"sizeLimit": mebibytes(args.artifacts.room_gib)}}
    return {
        **surroundings(args.foundation, USER, place.instance),
        "terminationGracePeriodSeconds": STOP_SECONDS,
        "containers": [_container(args, place)],
        "volumes": [
            secret_volume(FILES, place.instance, files),
            *([] if store is None else [secret_volume(STORE, store.secret, [store.key])]),
            room,
        ],
        "topologySpreadConstraints": spread(selector(place)),
    }


def _container(args: MlflowRegistryArgs, place: Place) -> Manifest:
    program, *arguments = command(args, place)
    # The one page that needs no password and takes any host name, as the kubelet asks by address.
    asked = {"httpGet": {"path": "/health", "port": "http"}}
    return {
        "name": "mlflow",
        "image": args.image,
        "command": [program],
        "args": arguments,
        "workingDir": "/tmp",  # noqa: S108 - a path in the pod
        "env": [{"name": name, "value": value} for name, value in sorted(environment(args).items())],
        "ports": [{"name": "http", "containerPort": PORT}],
        "resources": requirements(args.resources, disk_gib=args.artifacts.room_gib),
        "securityContext": dict(HARDENED),
        "volumeMounts": [secret_mount(FILES, FOLDER), *_store_mount(args.artifacts.credentials), tmp_mount()],
        "terminationMessagePolicy": "FallbackToLogsOnError",
        "lifecycle": {"preStop": {"sleep": {"seconds": 10}}},
        "startupProbe": {**asked, "periodSeconds": 5, "timeoutSeconds": 5, "failureThreshold": START_SECONDS // 5},
        "readinessProbe": {**asked, "periodSeconds": 10, "timeoutSeconds": 5},
        "livenessProbe": {**asked, "periodSeconds": 20, "timeoutSeconds": 10, "failureThreshold": 6},
    }


def _store_mount(store: CredentialsFile | None) -> list[Manifest]:
    return [] if store is None else [secret_mount(STORE, STORE_PATH)]


def network_policy(args: MlflowRegistryArgs, place: Place) -> Manifest:
    """Who may ask the server, and whom it may reach: its database and its store."""
    database = args.database
    reached = [*args.artifacts.egress, *(database.reached if isinstance(database, ExternalPostgres) else ())]
    made = workload_policy(_alone(args.foundation), place, Ports((PORT,)), args.callers, egress=reached)
    tunnel = tunnel_of(args.foundation.mesh)
    clients = {"from": [{"podSelector": _clients(place)}], "ports": tcp([PORT, *tunnel])}
    egress = [*made["spec"]["egress"]]
    if not isinstance(database, ExternalPostgres):
        own = {"podSelector": {"matchLabels": selector(postgres.database_place(place))}}
        egress.append({"to": [own], "ports": tcp([postgres.PORT, *tunnel])})
    return {**made, "spec": {**made["spec"], "ingress": [*made["spec"]["ingress"], clients], "egress": egress}}


def client_policy(args: MlflowRegistryArgs, place: Place) -> Manifest:
    """Pods of this library in the registry's namespace may ask it: those that fetch models do."""
    peer = {"podSelector": {"matchLabels": selector(place)}}
    egress = [{"to": [peer], "ports": tcp([PORT, *tunnel_of(args.foundation.mesh)])}]
    spec = {"podSelector": _clients(place), "policyTypes": ["Egress"], "egress": egress}
    return manifest("NetworkPolicy", f"{place.instance}-clients", place, spec=spec)


def _clients(place: Place) -> Manifest:
    """Everything that this library runs but the registry itself."""
    own = [place.instance, postgres.database_place(place).instance]
    return {
        "matchLabels": dict(MANAGED_BY),
        "matchExpressions": [{"key": INSTANCE, "operator": "NotIn", "values": own}],
    }


def _alone(foundation: Foundation) -> Foundation:
    """The registry holds models and fetches none, and shows its metrics to nobody without a password."""
    models = foundation.models.model_copy(update={"egress": ()})
    return foundation.model_copy(update={"models": models, "prometheus": None})
