"""The workload of one version, its Service, its disruption budget and what scales it, as manifests. Pure."""

from typing import Any

from modelberth.core.model import ModelVersion
from modelberth.kubernetes.autoscaling import autoscaler
from modelberth.kubernetes.deployment.config import DeploymentEndpointArgs
from modelberth.kubernetes.deployment.multi_node import LEADER, LONGEST_GROUP_NAME, leader_worker_set
from modelberth.kubernetes.disruption import disruption_budget
from modelberth.kubernetes.manifest import LONGEST_NAME, Manifest, Place, manifest, selector, version_name
from modelberth.kubernetes.pods import pod_template
from modelberth.kubernetes.server import progress_seconds
from modelberth.kubernetes.services import service


def version_objects(args: DeploymentEndpointArgs, model: ModelVersion, place: Place) -> dict[str, Manifest]:
    """Resource name to object, for all that one version has of its own. Pure.

    Raises `ConfigError` where it can have no name.
    """
    placed, name = place.of(model.version), name_of(args, place, model.version)
    made = workload(args, model, place, name)
    beside = args.replace == "beside"
    objects = {
        name if beside else f"{name}-pods": made,
        f"{name}-disruption": disruption_budget(name, placed, version_pods(args, place, model.version)),
    }
    if beside:
        objects[f"{name}-service"] = service(name, placed, served_by(args, place, model.version), args.server.runtime)
    if args.scaling is not None:
        objects[f"{name}-scaling"] = autoscaler(name, made, args.scaling, placed, args.foundation, model.version)
    return objects


def name_of(args: DeploymentEndpointArgs, place: Place, version: str) -> str:
    """The name of what one version has: `ranker--1-4-0`; of what all have in turn: `ranker`."""
    longest = LONGEST_NAME if args.nodes is None else LONGEST_GROUP_NAME
    name = version_name(place, version, longest)
    return name if args.replace == "beside" else place.instance


def version_pods(args: DeploymentEndpointArgs, place: Place, version: str) -> dict[str, str]:
    """The labels that find the pods of one version, or of all where they follow one another in one place."""
    return selector(place, version if args.replace == "beside" else None)


def served_by(args: DeploymentEndpointArgs, place: Place, version: str) -> dict[str, str]:
    """The labels that find the pods that answer: of several nodes the leader alone does."""
    return {**version_pods(args, place, version), **(LEADER if args.nodes is not None else {})}


def workload(args: DeploymentEndpointArgs, model: ModelVersion, place: Place, name: str) -> Manifest:
    """What runs the pods of one version: a Deployment, or for several nodes a LeaderWorkerSet. Pure."""
    template = pod_template(args.server, model, args.foundation, place, place.instance)
    # What it starts with; where something scales, the engine leaves it alone from then on (`objects.create`).
    number = {"replicas": args.replicas if args.scaling is None else max(1, args.scaling.min_replicas)}
    rolling = {"maxSurge": args.rolling.surge, "maxUnavailable": args.rolling.unavailable}
    if args.nodes is not None:
        return leader_worker_set(name, place.of(model.version), args.nodes, template, {**number}, rolling)
    spec: dict[str, Any] = {
        **number,
        "selector": {"matchLabels": version_pods(args, place, model.version)},
        "strategy": {"type": "RollingUpdate", "rollingUpdate": rolling},
        "progressDeadlineSeconds": progress_seconds(args.server),
        "revisionHistoryLimit": 2,
        "template": template,
    }
    return manifest("Deployment", name, place.of(model.version), spec=spec)
