"""What stores the metrics of a box while it is offline, and forwards them once it is not. Pure.

Source of the configuration: https://vector.dev/docs/reference/configuration/
"""

import json
from dataclasses import replace
from typing import Any

from modelberth.core.naming import fingerprint
from modelberth.kubernetes.edge.config import QUEUE_SHARE, EdgeEndpointArgs, Forwarding
from modelberth.kubernetes.edge.workload import NEVER
from modelberth.kubernetes.encryption import secret_mount, secret_volume
from modelberth.kubernetes.identity import service_account
from modelberth.kubernetes.manifest import Manifest, Place, labels_of, manifest, selector
from modelberth.kubernetes.network import Callers, Ports, ports_of, workload_policy
from modelberth.kubernetes.peers import tcp, tunnel_of
from modelberth.kubernetes.pods import HARDENED, surroundings, tmp_mount, tmp_volume
from modelberth.kubernetes.quantities import mebibytes, requirements
from modelberth.runtimes import load

USER = 65532
HEALTH_PORT = 8686
FILE, TOKEN = "vector.json", "token"
CONFIG_PATH, QUEUE_PATH, TOKEN_PATH = "/etc/vector", "/var/lib/vector", "/var/run/secrets/metrics"
QUEUE = "queue"


def metrics_place(place: Place) -> Place:
    """The place of what forwards: other labels than the server's."""
    return replace(place, instance=f"{place.instance}-metrics")


def forwarding_objects(args: EdgeEndpointArgs, given: Forwarding, place: Place) -> dict[str, Manifest]:
    """Resource name to object; `place` is the model's."""
    own = metrics_place(place)
    name = own.instance
    settings = json.dumps(configuration(args, given, place), indent=1, sort_keys=True)
    return {
        f"{name}-account": service_account(own),
        f"{name}-network": _policy(args, given, own, place),
        f"{name}-configuration": manifest("ConfigMap", name, own, data={FILE: settings}),
        f"{name}-queue": _claim(given, own),
        f"{name}-read": _read_policy(args, own, place),
        f"{name}-source": scraped_service(args, place),
        name: _deployment(args, given, own, settings),
    }


def configuration(args: EdgeEndpointArgs, given: Forwarding, place: Place) -> dict[str, Any]:
    """Vector's configuration: read, name the box, send. No secret is in it."""
    metrics = load(args.server.runtime).metrics
    path = "" if metrics is None else metrics.path
    named = {"box": given.box, "service": place.instance, "version": args.model.version}
    source = {
        "type": "prometheus_scrape",
        "endpoints": [f"http://{place.instance}-scraped:{_metrics_port(args)}{path}"],
        "scrape_interval_secs": round(given.every),
        "scrape_timeout_secs": min(round(given.every), 10),
    }
    told = "\n".join(f".tags.{tag} = {json.dumps(value)}" for tag, value in sorted(named.items()))
    made: dict[str, Any] = {
        "data_dir": QUEUE_PATH,
        "api": {"enabled": True, "address": f"0.0.0.0:{HEALTH_PORT}"},
        "sources": {"model": source},
        "transforms": {"named": {"type": "remap", "inputs": ["model"], "source": told}},
        "sinks": {"store": _sink(given)},
    }
    if given.token is not None:
        made["secret"] = {"files": {"type": "directory", "path": TOKEN_PATH, "remove_trailing_whitespace": True}}
    return made


def _sink(given: Forwarding) -> dict[str, Any]:
    room = int(given.queue_gib * QUEUE_SHARE * 1024**3)
    shown = {"auth": {"strategy": "bearer", "token": f"SECRET[files.{TOKEN}]"}} if given.token is not None else {}
    return {
        "type": "prometheus_remote_write",
        "inputs": ["named"],
        "endpoint": given.to,
        # Otherwise what was queued for an hour would arrive as one sample.
        "batch": {"aggregate": False},
        "buffer": {"type": "disk", "max_size": room, "when_full": "drop_newest"},
        # At the start the box may be offline, which is no reason not to start.
        "healthcheck": {"enabled": False},
        **shown,
    }


def _metrics_port(args: EdgeEndpointArgs) -> int:
    port = ports_of(args.server.runtime).metrics
    return 0 if port is None else port


def _read_ports(args: EdgeEndpointArgs) -> list[Manifest]:
    return tcp([_metrics_port(args), *tunnel_of(args.foundation.mesh)])


def scraped_service(args: EdgeEndpointArgs, place: Place) -> Manifest:
    """The address at which metrics are read: the port of the pod itself, ready or not."""
    port = {"name": "metrics", "port": _metrics_port(args), "targetPort": _metrics_port(args), "protocol": "TCP"}
    spec = {"selector": selector(place), "ports": [port], "clusterIP": "None", "publishNotReadyAddresses": True}
    return manifest("Service", f"{place.instance}-scraped", place, spec=spec)


def _policy(args: EdgeEndpointArgs, given: Forwarding, own: Place, place: Place) -> Manifest:
    """It reads the model server and reaches the store; nobody asks it."""
    models = args.foundation.models.model_copy(update={"egress": ()})
    alone = args.foundation.model_copy(update={"models": models, "prometheus": None, "gateway": None, "identity": None})
    made = workload_policy(alone, own, Ports(()), Callers(), egress=given.reached)
    server = {
        "to": [{"podSelector": {"matchLabels": selector(place)}}],
        "ports": _read_ports(args),
    }
    return {**made, "spec": {**made["spec"], "egress": [*made["spec"]["egress"], server]}}


def _read_policy(args: EdgeEndpointArgs, own: Place, place: Place) -> Manifest:
    """The model server lets it read."""
    spec = {
        "podSelector": {"matchLabels": selector(place)},
        "policyTypes": ["Ingress"],
        "ingress": [
            {
                "from": [{"podSelector": {"matchLabels": selector(own)}}],
                "ports": _read_ports(args),
            }
        ],
    }
    return manifest("NetworkPolicy", f"{own.instance}-read", own, spec=spec)


def _claim(given: Forwarding, own: Place) -> Manifest:
    spec = {
        "accessModes": ["ReadWriteOnce"],
        "resources": {"requests": {"storage": mebibytes(given.queue_gib)}},
        **({} if given.storage_class is None else {"storageClassName": given.storage_class}),
    }
    # On k3s a volume is bound once a pod uses it: nothing may wait for it before.
    return manifest("PersistentVolumeClaim", own.instance, own, {"pulumi.com/skipAwait": "true"}, spec=spec)


def _deployment(args: EdgeEndpointArgs, given: Forwarding, own: Place, settings: str) -> Manifest:
    # Another configuration is another pod: Vector reads it at its start.
    annotations = {"modelberth.dev/configuration": fingerprint(settings)}
    token = [] if given.token is None else [secret_volume(TOKEN, given.token, [TOKEN])]
    pod = {
        **surroundings(args.foundation, USER, own.instance),
        "terminationGracePeriodSeconds": 60,
        "containers": [_container(given)],
        "volumes": [
            {"name": "configuration", "configMap": {"name": own.instance}},
            {"name": QUEUE, "persistentVolumeClaim": {"claimName": own.instance}},
            *token,
            tmp_volume(),
        ],
    }
    spec = {
        "replicas": 1,
        "selector": {"matchLabels": selector(own)},
        # Two could not share the queue.
        "strategy": {"type": "Recreate"},
        "revisionHistoryLimit": 1,
        "template": {"metadata": {"labels": labels_of(own), "annotations": annotations}, "spec": pod},
    }
    return manifest("Deployment", own.instance, own, spec=spec)


def _container(given: Forwarding) -> Manifest:
    asked = {"httpGet": {"path": "/health", "port": "health"}}
    return {
        "name": "vector",
        "image": given.image,
        "imagePullPolicy": NEVER,
        "args": ["--config", f"{CONFIG_PATH}/{FILE}"],
        "env": [{"name": "VECTOR_THREADS", "value": "1"}],
        "ports": [{"name": "health", "containerPort": HEALTH_PORT}],
        "resources": requirements(given.resources, disk_gib=1),
        "securityContext": dict(HARDENED),
        "volumeMounts": [
            {"name": "configuration", "mountPath": CONFIG_PATH, "readOnly": True},
            {"name": QUEUE, "mountPath": QUEUE_PATH},
            *([] if given.token is None else [secret_mount(TOKEN, TOKEN_PATH)]),
            tmp_mount(),
        ],
        "terminationMessagePolicy": "FallbackToLogsOnError",
        "startupProbe": {**asked, "periodSeconds": 5, "timeoutSeconds": 5, "failureThreshold": 60},
        "readinessProbe": {**asked, "periodSeconds": 10, "timeoutSeconds": 5},
        "livenessProbe": {**asked, "periodSeconds": 20, "timeoutSeconds": 10, "failureThreshold": 6},
    }
