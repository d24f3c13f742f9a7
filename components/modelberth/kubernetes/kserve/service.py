"""The InferenceService of one version, and what KServe reads beside it, as manifests. Pure."""

from typing import Any

import pulumi

from modelberth.core.model import ModelVersion
from modelberth.kubernetes.identity import pod_labels
from modelberth.kubernetes.kserve.config import InferenceServiceEndpointArgs, runs_on_knative
from modelberth.kubernetes.kserve.knative import PROGRESS
from modelberth.kubernetes.kserve.modes import ANNOTATIONS
from modelberth.kubernetes.kserve.parts import Batcher, ModelCache, PayloadLogger
from modelberth.kubernetes.kserve.predictor import predictor_pod, storage_uri
from modelberth.kubernetes.kserve.rollout import canary_percent
from modelberth.kubernetes.kserve.scaling import predictor_scaling, scaling_annotations, step_scaling
from modelberth.kubernetes.kserve.steps import step_pod, steps_of
from modelberth.kubernetes.kserve.waiting import UNSAID, WAIT
from modelberth.kubernetes.manifest import (
    API_VERSIONS,
    VERSION_MARK,
    Manifest,
    Place,
    labels_of,
    manifest,
    selector,
    slug,
)
from modelberth.kubernetes.quantities import mebibytes
from modelberth.kubernetes.server import progress_seconds

MODE = "serving.kserve.io/deploymentMode"
TAGS = "serving.kserve.io/enable-tag-routing"
NODE_GROUP = "serving.kserve.io/nodegroup"
RETENTION = "modelberth.dev/retention-days"
VISIBILITY = {"standard": "networking.kserve.io/visibility", "knative": "networking.knative.dev/visibility"}
"""Mode to the label that keeps a service off the cluster's ingress. Source:
kserve/kserve@v0.16.0:pkg/controller/v1beta1/inferenceservice/reconcilers/ingress."""
DAY = 86400


def inference_service(args: InferenceServiceEndpointArgs, model: ModelVersion, place: Place, name: str) -> Manifest:
    """The InferenceService that serves one version.

    Labels and annotations reach its pods, so with Knative each change makes a revision: none follows the traffic.
    """
    placed = place.of(model.version)
    made = manifest("InferenceService", name, placed, _annotations(args), spec=_spec(args, model, placed))
    made["metadata"]["labels"].update({VISIBILITY[args.mode.kind]: "cluster-local"})
    return made


def _annotations(args: InferenceServiceEndpointArgs) -> dict[str, str]:
    own: dict[str, str] = {MODE: ANNOTATIONS[args.mode.kind], **scaling_annotations(args.mode)}
    if runs_on_knative(args) is not None:
        own[TAGS] = "true"
    if args.logger is not None:
        own[RETENTION] = str(int(args.logger.retention // DAY))
    if args.runtime is not None and args.runtime.cache is not None:
        own[NODE_GROUP] = args.runtime.cache.node_group
    return {**WAIT, **own}


def _spec(args: InferenceServiceEndpointArgs, model: ModelVersion, place: Place) -> Manifest:
    steps = {
        part: {**_found_by(args, model, place), **step_scaling(args.mode, step), **step_pod(args, step, model, place)}
        for part, step in steps_of(args).items()
    }
    return {"predictor": _predictor(args, model, place), **steps}


def _predictor(args: InferenceServiceEndpointArgs, model: ModelVersion, place: Place) -> Manifest:
    predictor = {
        **_found_by(args, model, place),
        **predictor_scaling(args.mode, args.foundation, place, model.version),
        **predictor_pod(args, model, place),
    }
    if args.logger is not None:
        predictor["logger"] = _logger(args.logger)
    if args.batcher is not None:
        predictor["batcher"] = _batcher(args.batcher)
    if runs_on_knative(args) is not None:
        deadline = progress_seconds(UNSAID if args.server is None else args.server)
        predictor["annotations"] = {PROGRESS: f"{deadline}s"}
        predictor["canaryTrafficPercent"] = canary_percent(args)
    return predictor


def _found_by(args: InferenceServiceEndpointArgs, model: ModelVersion, place: Place) -> Manifest:
    return {"labels": {**selector(place, model.version), **pod_labels(args.foundation.identity)}}


def _logger(logger: PayloadLogger) -> Manifest:
    return {"url": logger.url, "mode": logger.mode}


def _batcher(batcher: Batcher) -> Manifest:
    return {"maxBatchSize": batcher.max_batch_size, "maxLatency": batcher.max_latency_ms}


def model_cache(
    args: InferenceServiceEndpointArgs, cache: ModelCache, model: ModelVersion, place: Place
) -> dict[str, Any]:
    """The files of one version on the nodes of a group. It is the whole cluster's, so its name holds the namespace.

    KServe finds it by the address from which the InferenceService fetches.
    Source: kserve/kserve@v0.16.0:pkg/apis/serving/v1alpha1/local_model_cache_types.go.
    """
    placed, last = place.of(model.version), f"{place.instance}{VERSION_MARK}{slug(model.version)}"
    namespace = place.namespace
    name = f"{namespace}-{last}" if isinstance(namespace, str) else pulumi.Output.concat(namespace, "-", last)
    return {
        "apiVersion": API_VERSIONS["LocalModelCache"],
        "kind": "LocalModelCache",
        "metadata": {"name": name, "labels": labels_of(placed)},
        "spec": {
            "sourceModelUri": storage_uri(args, model),
            "modelSize": mebibytes(cache.size_gib),
            "nodeGroups": [cache.node_group],
        },
    }
