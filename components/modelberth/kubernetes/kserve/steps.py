"""Transformers and explainers: containers of a team's own before or beside the predictor. Pure."""

from collections.abc import Mapping

from modelberth.core.model import ModelVersion
from modelberth.kubernetes.kserve.config import InferenceServiceEndpointArgs, runs_on_knative
from modelberth.kubernetes.kserve.knative import knative_pod
from modelberth.kubernetes.kserve.parts import RUNTIME_PORT, Step
from modelberth.kubernetes.kserve.predictor import CONTAINER, environment, limited
from modelberth.kubernetes.manifest import Manifest, Place, selector
from modelberth.kubernetes.pods import HARDENED, PROBE_SECONDS, spread, surroundings, tmp_mount, tmp_volume
from modelberth.kubernetes.quantities import requirements
from modelberth.models.reference import parse

START_SECONDS = 120
"""How long such a container may take until it answers: it loads no model."""


def steps_of(args: InferenceServiceEndpointArgs) -> Mapping[str, Step]:
    """What there is besides the predictor, by KServe's word for it."""
    parts = {"transformer": args.transformer, "explainer": args.explainer}
    return {part: step for part, step in parts.items() if step is not None}


def step_pod(args: InferenceServiceEndpointArgs, step: Step, model: ModelVersion, place: Place) -> Manifest:
    """The fields of its pod, as KServe's component has them."""
    pod = {
        **surroundings(args.foundation, step.user, place.instance),
        "containers": [_container(step, model)],
        "volumes": [tmp_volume()],
        "topologySpreadConstraints": spread(selector(place, model.version)),
    }
    mode = runs_on_knative(args)
    return pod if mode is None else knative_pod(pod, mode, ("http", RUNTIME_PORT))


def _container(step: Step, model: ModelVersion) -> Manifest:
    # KServe would name the InferenceService, which is not what the model is called where it is served.
    arguments = [*step.arguments, "--model_name", parse(model.uri).name]
    return {
        "name": CONTAINER,
        "image": step.image,
        **({"command": list(step.command)} if step.command else {}),
        "args": arguments,
        "env": environment(step.environment),
        "ports": [{"name": "http", "containerPort": RUNTIME_PORT}],
        "resources": limited(requirements(step.resources)),
        "securityContext": dict(HARDENED),
        "volumeMounts": [tmp_mount()],
        "terminationMessagePolicy": "FallbackToLogsOnError",
        **_probes(step),
    }


def _probes(step: Step) -> Manifest:
    port = {"port": "http"}
    ask = {"tcpSocket": port} if step.ready is None else {"httpGet": {"path": step.ready, **port}}
    return {
        "startupProbe": {**ask, "periodSeconds": PROBE_SECONDS, "failureThreshold": START_SECONDS // PROBE_SECONDS},
        "readinessProbe": {**ask, "periodSeconds": PROBE_SECONDS, "timeoutSeconds": 2},
        "livenessProbe": {"tcpSocket": port, "periodSeconds": 10, "timeoutSeconds": 5, "failureThreshold": 6},
    }
