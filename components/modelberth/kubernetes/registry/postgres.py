"""The Postgres of a registry: one pod, one volume, reached by the registry alone. Pure."""

from dataclasses import replace

from modelberth.kubernetes.encryption import secret_mount, secret_volume
from modelberth.kubernetes.foundation import Foundation
from modelberth.kubernetes.identity import service_account
from modelberth.kubernetes.manifest import Manifest, Place, labels_of, manifest, selector
from modelberth.kubernetes.network import Callers, Ports, workload_policy
from modelberth.kubernetes.peers import tcp, tunnel_of
from modelberth.kubernetes.pods import HARDENED, surroundings, tmp_mount, tmp_volume
from modelberth.kubernetes.quantities import mebibytes, requirements
from modelberth.kubernetes.registry.config import OwnPostgres
from modelberth.kubernetes.registry.files import PASSWORD, SERVICE

PORT = 5432
DATA, SOCKET, SECRET = "data", "socket", "password"
DATA_PATH = "/var/lib/postgresql/data"
SOCKET_PATH = "/var/run/postgresql"
SECRET_PATH = "/var/run/secrets/database"  # noqa: S105 - a path in the pod
STOP_SECONDS = 120
"""How long it may take to write down what is open: one that is killed reads its journal again at the next start."""


def database_place(place: Place) -> Place:
    """The place of the database: other labels than the server's, so that no selector finds both."""
    return replace(place, instance=f"{place.instance}-database")


def postgres_objects(database: OwnPostgres, foundation: Foundation, place: Place) -> dict[str, Manifest]:
    """Resource name to object; `place` is the registry's. Its Secret is made elsewhere."""
    own = database_place(place)
    name = own.instance
    # Without an address of its own: the one pod is found by the name of its Service.
    headless = {"clusterIP": "None", "selector": selector(own), "ports": [_port()]}
    return {
        f"{name}-account": service_account(own),
        f"{name}-network": _policy(foundation, own, place),
        f"{name}-service": manifest("Service", name, own, spec=headless),
        name: _stateful_set(database, foundation, own),
    }


def _port() -> Manifest:
    return {"name": "postgres", "port": PORT, "targetPort": "postgres", "protocol": "TCP"}


def _policy(foundation: Foundation, own: Place, registry: Place) -> Manifest:
    """It answers the registry, and asks nobody."""
    made = workload_policy(secluded(foundation), own, Ports((PORT,)), Callers())
    ports = tcp([PORT, *tunnel_of(foundation.mesh)])
    asks = {"from": [{"podSelector": {"matchLabels": selector(registry)}}], "ports": ports}
    return {**made, "spec": {**made["spec"], "ingress": [*made["spec"]["ingress"], asks]}}


def secluded(foundation: Foundation) -> Foundation:
    """What a network policy is made of for pods that nobody reaches by the gateway, and that fetch no models."""
    models = foundation.models.model_copy(update={"egress": ()})
    return foundation.model_copy(update={"models": models, "prometheus": None, "gateway": None, "identity": None})


def _stateful_set(database: OwnPostgres, foundation: Foundation, own: Place) -> Manifest:
    claim = {
        "accessModes": ["ReadWriteOnce"],
        "resources": {"requests": {"storage": mebibytes(database.storage_gib)}},
        **({} if database.storage_class is None else {"storageClassName": database.storage_class}),
    }
    spec = {
        "replicas": 1,
        "serviceName": own.instance,
        "selector": {"matchLabels": selector(own)},
        # Whatever becomes of this object: the volume stays until a person removes it.
        "persistentVolumeClaimRetentionPolicy": {"whenDeleted": "Retain", "whenScaled": "Retain"},
        "revisionHistoryLimit": 2,
        "template": {"metadata": {"labels": labels_of(own)}, "spec": _pod(database, foundation, own)},
        "volumeClaimTemplates": [{"metadata": {"name": DATA, "labels": labels_of(own)}, "spec": claim}],
    }
    return manifest("StatefulSet", own.instance, own, spec=spec)


def _pod(database: OwnPostgres, foundation: Foundation, own: Place) -> Manifest:
    return {
        **surroundings(foundation, database.user, own.instance),
        "terminationGracePeriodSeconds": STOP_SECONDS,
        "containers": [_container(database)],
        "volumes": [
            tmp_volume(),
            {"name": SOCKET, "emptyDir": {"sizeLimit": "1Mi"}},
            secret_volume(SECRET, own.instance, [PASSWORD]),
        ],
    }


def _container(database: OwnPostgres) -> Manifest:
    """Source of the variables: https://github.com/docker-library/docs/blob/master/postgres/README.md"""
    environment = {
        # Below the mount: a new file system has a folder of its own in it, and initdb wants an empty one.
        "PGDATA": f"{DATA_PATH}/pgdata",
        "POSTGRES_DB": SERVICE,
        "POSTGRES_PASSWORD_FILE": f"{SECRET_PATH}/{PASSWORD}",
        "POSTGRES_USER": SERVICE,
    }
    asked = {"exec": {"command": ["pg_isready", "--quiet", "--host=127.0.0.1", f"--username={SERVICE}"]}}
    return {
        "name": "postgres",
        "image": database.image,
        "env": [{"name": name, "value": value} for name, value in environment.items()],
        "ports": [{"name": "postgres", "containerPort": PORT}],
        "resources": requirements(database.resources, disk_gib=1),
        "securityContext": dict(HARDENED),
        "volumeMounts": [
            {"name": DATA, "mountPath": DATA_PATH},
            {"name": SOCKET, "mountPath": SOCKET_PATH},
            secret_mount(SECRET, SECRET_PATH),
            tmp_mount(),
        ],
        "terminationMessagePolicy": "FallbackToLogsOnError",
        # After a crash it reads its journal first, which may take minutes.
        "startupProbe": {**asked, "periodSeconds": 5, "timeoutSeconds": 5, "failureThreshold": 120},
        "readinessProbe": {**asked, "periodSeconds": 10, "timeoutSeconds": 5},
        "livenessProbe": {**asked, "periodSeconds": 20, "timeoutSeconds": 10, "failureThreshold": 6},
    }
