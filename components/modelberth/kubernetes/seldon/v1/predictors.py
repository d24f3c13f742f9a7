"""The SeldonDeployment: a predictor for each version. Pure."""

from typing import Any

from modelberth.core.model import ModelVersion
from modelberth.core.traffic import versions_of, weights_of
from modelberth.kubernetes.horizontal import resource_metric
from modelberth.kubernetes.manifest import Manifest, Place, manifest, selector, slug
from modelberth.kubernetes.quantities import requirements
from modelberth.kubernetes.seldon.artifacts import implementation_of, storage_uri
from modelberth.kubernetes.seldon.hardening import contained
from modelberth.kubernetes.seldon.v1.config import Explainer, Hpa, Prepackaged, SeldonDeploymentEndpointArgs
from modelberth.kubernetes.seldon.v1.graph import graph_of
from modelberth.kubernetes.seldon.v1.pods import pod_template, unit_name

READY = {"pulumi.com/waitFor": "jsonpath={.status.state}=Available"}
"""How Pulumi waits until Seldon has it up: custom resources are not awaited by themselves.
Source: https://docs.seldon.ai/seldon-core-1/configuration/deployments/troubleshooting"""

ALONE = {"seldon.io/no-engine": "true"}
"""The annotation of a predictor without an orchestrator.
Source: https://docs.seldon.ai/seldon-core-1/reference/annotations"""

PROTOCOL = "v2"
"""The Open Inference Protocol; Seldon no longer maintains its own and TensorFlow's.
Source: https://docs.seldon.ai/seldon-core-1/configuration/deployments/protocols"""


def seldon_deployment(args: SeldonDeploymentEndpointArgs, place: Place) -> Manifest:
    """The object of all versions. Raises `ConfigError` where a server has no image, or a store is not Seldon's."""
    spec = {
        "protocol": PROTOCOL,
        "predictors": [predictor(args, model, place) for model in versions_of(args.traffic).values()],
    }
    return manifest("SeldonDeployment", place.instance, place.of(args.traffic.stable.version), READY, spec=spec)


def predictor(args: SeldonDeploymentEndpointArgs, model: ModelVersion, place: Place) -> Manifest:
    """One version."""
    return {
        "name": slug(model.version),
        **({} if args.orchestrator is not None else {"annotations": ALONE}),
        # These reach an explainer's pods too, so that the same policy is about them.
        "labels": selector(place),
        "graph": graph_of(args.graph, _server(args, model)),
        "componentSpecs": [_component(args, model, place)],
        **_share(args, model.version),
        **_orchestrator(args),
        **({} if args.explainer is None else {"explainer": _explainer(args, args.explainer)}),
    }


def _server(args: SeldonDeploymentEndpointArgs, model: ModelVersion) -> Manifest:
    """The words of the unit that is the model of the service."""
    named = {"name": unit_name(args, model)}
    if not isinstance(args.server, Prepackaged):
        return named
    uri = storage_uri(model, args.foundation.models)
    return {**named, "implementation": implementation_of(args.server.prepackaged), "modelUri": uri}


def _share(args: SeldonDeploymentEndpointArgs, version: str) -> Manifest:
    """Its share of requests. What only gets copies is a shadow, which counts for nothing in the sum of 100."""
    traffic = args.traffic
    shadow = traffic.mirror > 0 and traffic.weight == 0 and version != traffic.stable.version
    if shadow:
        return {"shadow": True, "traffic": traffic.mirror}
    return {"traffic": weights_of(traffic)[version]}


def _component(args: SeldonDeploymentEndpointArgs, model: ModelVersion, place: Place) -> Manifest:
    number: dict[str, Any] = {"replicas": args.replicas} if args.scaling is None else {"hpaSpec": _hpa(args.scaling)}
    return {**pod_template(args, model, place), **number, "pdbSpec": {"maxUnavailable": 1}}


def _hpa(scaling: Hpa) -> Manifest:
    """Source: https://docs.seldon.ai/seldon-core-1/reference/seldon-deployment-crd (SeldonHpaSpec): `metricsv2` are in
    the words of autoscaling/v2; those of `metrics` are gone from Kubernetes since 1.26."""
    aims = {"cpu": scaling.cpu, "memory": scaling.memory}
    metrics = [resource_metric(name, share) for name, share in aims.items() if share is not None]  # type: ignore[arg-type]
    return {"minReplicas": scaling.min_replicas, "maxReplicas": scaling.max_replicas, "metricsv2": metrics}


def _orchestrator(args: SeldonDeploymentEndpointArgs) -> Manifest:
    if args.orchestrator is None:
        return {}
    given = [{"name": name, "value": value} for name, value in sorted(args.orchestrator.environment.items())]
    resources = {"resources": requirements(args.orchestrator.resources)}
    return {"svcOrchSpec": {**resources, **({"env": given} if given else {})}}


def _explainer(args: SeldonDeploymentEndpointArgs, explainer: Explainer) -> Manifest:
    files = {} if explainer.model is None else {"modelUri": storage_uri(explainer.model, args.foundation.models)}
    container = {
        "name": "explainer",
        "image": explainer.image,
        "resources": requirements(explainer.resources),
        "securityContext": contained(explainer.user),
    }
    return {
        "type": explainer.type,
        **files,
        **({"config": dict(explainer.config)} if explainer.config else {}),
        "containerSpec": container,
    }
