"""The pods of a predictor: the model server and the units around it, hardened to what Seldon leaves of it. Pure."""

from collections.abc import Iterator, Mapping
from typing import Any

from modelberth.core.model import ModelVersion
from modelberth.kubernetes.accelerators import placement, requested
from modelberth.kubernetes.identity import pod_labels
from modelberth.kubernetes.images import image_of
from modelberth.kubernetes.manifest import Manifest, Place, labels_of, selector
from modelberth.kubernetes.model_files import FETCHER, VOLUME, files_of
from modelberth.kubernetes.pods import (
    FETCHER_RUNTIME,
    HARDENED,
    MODEL_PATH,
    SERVER,
    TMP_GIB,
    pod_spec,
    probes,
    spread,
    surroundings,
    tmp_mount,
    tmp_volume,
)
from modelberth.kubernetes.quantities import requirements
from modelberth.kubernetes.seldon.artifacts import implementation_of
from modelberth.kubernetes.seldon.hardening import contained
from modelberth.kubernetes.seldon.v1.config import Prepackaged, SeldonDeploymentEndpointArgs
from modelberth.kubernetes.seldon.v1.graph import Unit, server_name, units_of
from modelberth.runtimes import load

HTTP, GRPC = 9000, 9500
"""Where a server that Seldon brings along listens: its first ports, which are stated so that all else can name them.
Source: https://docs.seldon.ai/seldon-core-1/configuration/installation-parameters/advanced-helm-chart-configuration"""

SELDONS = {FETCHER: "model-initializer", VOLUME: "provision-location"}
"""What we call the container that fetches, and its volume, to how Seldon ends the names of its own, which begin with
that of the unit. Where one of this name is there, Seldon adds none: its own has no security context and checks no
digest.
Source: SeldonIO/seldon-core operator/controllers/model_initializer_injector.go"""

TWINS = {"TRITON_SERVER": "triton"}
"""Server of Seldon's to the runtime that it is, in a container; all others are MLServer, by protocol v2."""

MLSERVER_WRITES = {
    "MLSERVER_ENVIRONMENTS_DIR": "/tmp/environments",  # noqa: S108 - a path in the pod
    "MLSERVER_METRICS_DIR": "/tmp",  # noqa: S108 - a path in the pod
    "NUMBA_CACHE_DIR": "/tmp",  # noqa: S108 - a path in the pod
    "TRANSFORMERS_CACHE": "/tmp",  # noqa: S108 - a path in the pod
}
"""Where MLServer and its libraries write, else beside themselves.
Source: https://docs.seldon.ai/mlserver/api-reference/settings; the Dockerfile at `Prepackaged.user`"""

READABLE = 0o444
"""The mode of secret files: Seldon drops the pod's group for files, so only this lets another user than root read
them. Nobody else is in the pod."""


def unit_name(args: SeldonDeploymentEndpointArgs, model: ModelVersion) -> str:
    """What the unit of the service's model, and its container, is called. Pure.

    Without an orchestrator nobody asks a container by its name. Raises `ConfigError` where it can have none.
    """
    own = isinstance(args.server, Prepackaged)
    if not own and args.orchestrator is None:
        return SERVER
    return server_name(model, args.graph, exact=not own)


def pod_template(args: SeldonDeploymentEndpointArgs, model: ModelVersion, place: Place) -> Manifest:
    """Metadata and specification of the pods of one version. Pure."""
    placed = place.of(model.version)
    labels = {**labels_of(placed), **selector(placed, model.version), **pod_labels(args.foundation.identity)}
    server = args.server
    made = (
        _prepackaged(args, server, model, placed)
        if isinstance(server, Prepackaged)
        else pod_spec(server, model, args.foundation, placed, place.instance)
    )
    made["containers"][0]["name"] = unit_name(args, model)
    units = [_container(unit) for unit in units_of(args.graph) if unit.container is not None]
    whole = {**made, "containers": [*made["containers"], *units]}
    # Of several component specifications each would have a name by its place in the list; this one has its own.
    return {"metadata": {"name": "pods", "labels": labels}, "spec": _contained(whole, server.user)}


def _contained(spec: Manifest, user: int) -> Manifest:
    """A pod whose containers say everything themselves."""
    parts = {
        name: [{**each, "securityContext": contained(user)} for each in spec[name]]
        for name in ("initContainers", "containers")
        if name in spec
    }
    return {**spec, **parts, "volumes": [_readable(volume) for volume in spec["volumes"]]}


def _readable(volume: Mapping[str, Any]) -> Manifest:
    if "secret" not in volume:
        return dict(volume)
    return {**volume, "secret": {**volume["secret"], "defaultMode": READABLE}}


def _prepackaged(
    args: SeldonDeploymentEndpointArgs, server: Prepackaged, model: ModelVersion, place: Place
) -> Manifest:
    """The pod of a server that Seldon brings along: it adds the image, the arguments, and what it does not find."""
    fetcher = image_of(args.foundation.images, FETCHER_RUNTIME)
    files = files_of(model, args.foundation.models, MODEL_PATH, fetcher, HARDENED)
    unit = unit_name(args, model)
    return {
        **surroundings(args.foundation, server.user, place.instance),
        "initContainers": [_as_seldons(container, unit) for container in files.init_containers],
        "containers": [_served(args, server, _as_seldons(files.mount, unit))],
        "volumes": [*(_as_seldons(volume, unit) for volume in files.volumes), tmp_volume()],
        "topologySpreadConstraints": spread(selector(place, model.version)),
        **placement(server.devices),
    }


def _as_seldons(part: Mapping[str, Any], unit: str) -> Manifest:
    """A part with Seldon's names in place of ours, in itself and in its mounts."""
    ending = SELDONS.get(part["name"])
    named = {**part, "name": part["name"] if ending is None else f"{unit}-{ending}"}
    if "volumeMounts" in part:
        named["volumeMounts"] = [_as_seldons(mount, unit) for mount in part["volumeMounts"]]
    return named


def _served(args: SeldonDeploymentEndpointArgs, server: Prepackaged, mount: Manifest) -> Manifest:
    twin = TWINS.get(implementation_of(server.prepackaged), "mlserver")
    writes = MLSERVER_WRITES if twin == "mlserver" else {}
    image = server.image if server.image is not None else args.foundation.images.get(server.prepackaged)
    disk = TMP_GIB + args.foundation.models.fetched_gib
    return {
        "name": SERVER,
        **({} if image is None else {"image": image}),
        "env": list(_environment({**writes, **server.environment})),
        "ports": [{"name": "http", "containerPort": HTTP}, {"name": "grpc", "containerPort": GRPC}],
        "resources": requirements(server.resources, requested(server.devices), disk),
        "volumeMounts": [mount, tmp_mount()],
        "terminationMessagePolicy": "FallbackToLogsOnError",
        **probes(load(twin), server.load_seconds),
    }


def _environment(given: Mapping[str, Any]) -> Iterator[Manifest]:
    # Whatever a server caches goes to the one place where it may write.
    for name, value in sorted({"HOME": "/tmp", **given}.items()):  # noqa: S108 - a path in the pod
        yield {"name": name, "value": value}


def _container(unit: Unit) -> Manifest:
    """The container of a unit of one's own. Seldon gives it ports and probes."""
    own = unit.container
    assert own is not None  # asked by who calls
    return {
        "name": unit.name,
        "image": own.image,
        "env": list(_environment(own.environment)),
        "resources": requirements(own.resources),
        "volumeMounts": [tmp_mount()],
        "terminationMessagePolicy": "FallbackToLogsOnError",
    }
