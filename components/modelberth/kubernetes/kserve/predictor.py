"""The pod that serves the model, as a part of an InferenceService: ours, or one of KServe's runtimes. Pure."""

from collections.abc import Mapping
from typing import Any

from modelberth.core.errors import ConfigError, Fault
from modelberth.core.model import ModelVersion
from modelberth.kubernetes.accelerators import placement, requested
from modelberth.kubernetes.kserve.config import InferenceServiceEndpointArgs, runs_on_knative
from modelberth.kubernetes.kserve.knative import knative_pod
from modelberth.kubernetes.kserve.parts import KServeRuntime
from modelberth.kubernetes.kserve.ports import container_ports, request_port
from modelberth.kubernetes.manifest import Manifest, Place, selector
from modelberth.kubernetes.model_files import address_of
from modelberth.kubernetes.pods import HARDENED, pod_spec, spread, surroundings, tmp_mount, tmp_volume
from modelberth.kubernetes.quantities import requirements
from modelberth.kubernetes.server import ModelServer

CONTAINER = "kserve-container"
"""The name by which KServe knows the container that serves. Source: kserve/kserve@v0.16.0:pkg/constants/constants.go"""


def predictor_pod(args: InferenceServiceEndpointArgs, model: ModelVersion, place: Place) -> Manifest:
    """The fields of a pod that serves one version, as a predictor has them."""
    if args.server is not None:
        pod = _own_pod(args, args.server, model, place)
    elif args.runtime is not None:
        pod = _runtime_pod(args, args.runtime, model, place)
    else:  # refused by the arguments themselves
        raise ConfigError([Fault("server", "is not given", "give server or runtime")])
    mode = runs_on_knative(args)
    return pod if mode is None else knative_pod(pod, mode, request_port(args))


def _own_pod(args: InferenceServiceEndpointArgs, server: ModelServer, model: ModelVersion, place: Place) -> Manifest:
    pod = pod_spec(server, model, args.foundation, place, place.instance)
    [container] = pod["containers"]
    ports = [{"name": name, "containerPort": port} for name, port in container_ports(server.runtime).items()]
    made = {**container, "name": CONTAINER, "ports": ports, "resources": limited(container["resources"])}
    return {**pod, "containers": [made]}


def _runtime_pod(
    args: InferenceServiceEndpointArgs, runtime: KServeRuntime, model: ModelVersion, place: Place
) -> Manifest:
    return {
        **surroundings(args.foundation, runtime.user, place.instance),
        "model": _model(args, runtime, model),
        "volumes": [tmp_volume()],
        "topologySpreadConstraints": spread(selector(place, model.version)),
        **placement(runtime.devices),
    }


def _model(args: InferenceServiceEndpointArgs, runtime: KServeRuntime, model: ModelVersion) -> Manifest:
    version = {} if runtime.format_version is None else {"version": runtime.format_version}
    return {
        "modelFormat": {"name": runtime.model_format, **version},
        "runtime": runtime.name,
        "protocolVersion": runtime.protocol,
        "storageUri": storage_uri(args, model),
        "image": runtime.image,
        "env": environment(runtime.environment),
        "resources": limited(requirements(runtime.resources, requested(runtime.devices))),
        "securityContext": dict(HARDENED),
        "volumeMounts": [tmp_mount()],
    }


def storage_uri(args: InferenceServiceEndpointArgs, model: ModelVersion) -> str:
    """From where KServe fetches a version: `s3://models/ranker/1.4.0/sha256-…`, `oci://registry/ranker@sha256:…`."""
    address = address_of(model, args.foundation.models)
    return f"oci://{address}" if args.foundation.models.oci is not None else address


def environment(given: Mapping[str, Any]) -> list[dict[str, Any]]:
    """Environment variables; what a server caches goes to the one place where it may write."""
    values = {"HOME": "/tmp", **given}  # noqa: S108 - a path in the pod
    return [{"name": name, "value": value} for name, value in sorted(values.items())]


def limited(asked: Manifest) -> Manifest:
    """Requests and limits, the cores limited too: where there is no limit KServe sets its own, by default 1 core, and a
    request above it is refused.

    Source: kserve/kserve@v0.16.0:pkg/apis/serving/v1beta1/inference_service_defaults.go,
    setResourceRequirementDefaults.
    """
    return {**asked, "limits": {"cpu": asked["requests"]["cpu"], **asked["limits"]}}
