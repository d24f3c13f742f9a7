"""A model that needs several nodes, as a RayService, in Ray's own words.

Rules that the schema does not hold: ray-project/kuberay@v1.5.1:ray-operator/controllers/ray/utils/validation.go, and of
what Ray Serve runs ray-project/ray@ray-2.51.0:python/ray/serve/schema.py
"""

from collections.abc import Iterator
from typing import Annotated, Any, Self

import yaml
from pydantic import AfterValidator, Field, StringConstraints, model_validator

from modelberth.core.config import Config, In
from modelberth.core.labels import Labels
from modelberth.core.model import ModelVersion
from modelberth.kubernetes.accelerators import Devices
from modelberth.kubernetes.foundation import Foundation, needs
from modelberth.kubernetes.images import ImageRef
from modelberth.kubernetes.manifest import unnameable
from modelberth.kubernetes.names import DnsLabel
from modelberth.kubernetes.network import Callers
from modelberth.kubernetes.quantities import GiB, Resources
from modelberth.kubernetes.ray.upgrade import LEAST_INCREMENTAL, IncrementalUpgrade, NewCluster, Upgrade

LONGEST_NAME = 47
"""Characters of a RayService's name.
Source: ray-project/kuberay@v1.5.1:ray-operator/controllers/ray/utils/constant.go"""


def _written(value: dict[str, Any]) -> dict[str, Any]:
    try:
        yaml.safe_dump(value)
    except yaml.YAMLError:
        raise ValueError("holds what YAML cannot say; write texts, numbers, lists and mappings only") from None
    return value


Settings = Annotated[dict[str, Any], AfterValidator(_written)]
"""Words that are Ray's own."""


class Application(Config):
    """What Ray Serve runs. Source: https://docs.ray.io/en/latest/serve/production-guide/config.html"""

    import_path: Annotated[str, StringConstraints(pattern=r"^[A-Za-z_][\w.]*:[A-Za-z_]\w*$")]
    """The application in the image: `my_package.my_module:app`."""

    route_prefix: Annotated[str, StringConstraints(pattern=r"^/([^\s{}]*[^\s{}/])?$")] = "/"
    """The path under which it answers, without a slash at its end. Left out: all."""

    args: Settings = Field(default_factory=dict)
    """What its builder is given. Left out: nothing."""

    deployments: tuple[Settings, ...] = ()
    """Its deployments' own settings: `{name: …, autoscaling_config: {…}}`. Left out: what the application says."""

    @model_validator(mode="after")
    def _told_apart(self) -> Self:
        for fault in _muddled(self.deployments):
            raise ValueError(fault)
        return self


def _muddled(deployments: tuple[dict[str, Any], ...]) -> Iterator[str]:
    """What Ray Serve would refuse of an application's deployments once it has them."""
    names = [each.get("name") for each in deployments]
    for index, name in enumerate(names):
        if not isinstance(name, str) or not name:
            yield f"deployments.{index} has no name; write which deployment of the application it is about"
    twice = sorted({name for name in names if isinstance(name, str) and names.count(name) > 1})
    if twice:
        yield f"deployments name {', '.join(twice)} twice; write each once"
    for each in deployments:
        if isinstance(each.get("num_replicas"), int) and each.get("autoscaling_config") is not None:
            yield f"deployment {each['name']} has num_replicas and autoscaling_config; Ray Serve takes one of them"


class Workers(Config):
    """One group of equal nodes."""

    resources: Resources
    """Cores and memory of each pod."""

    devices: Devices | None = None
    """Accelerators of each pod. Left out: none."""

    min_replicas: Annotated[int, Field(ge=0)] = 1
    """Floor of the replicas. Left out: 1."""

    max_replicas: Annotated[int, Field(ge=1)] = 1
    """Ceiling of the replicas, and so of the cost. Left out: 1."""

    hosts: Annotated[int, Field(ge=1)] = 1
    """Pods of one replica, which come and go together: a model over four nodes has 4. Left out: 1."""

    @model_validator(mode="after")
    def _ordered(self) -> Self:
        if self.min_replicas > self.max_replicas:
            raise ValueError(
                f"min_replicas is {self.min_replicas}, above max_replicas {self.max_replicas}; raise max_replicas"
            )
        return self


class RayCluster(Config):
    """A Ray cluster of one service or one job."""

    image: In[ImageRef]
    """An image with Ray and the application, by digest."""

    ray_version: Annotated[str, StringConstraints(pattern=r"^2\.\d+\.\d+$")] | None = None
    """The Ray in it. Left out: KubeRay does not know it, and an incremental upgrade is refused."""

    head: Resources
    """Cores and memory of the head pod, which schedules and computes nothing."""

    workers: Workers
    """What computes."""

    scratch_gib: GiB = 10
    """Room in each pod for Ray's logs, and for objects that its memory does not hold. Left out: 10 GiB; a pod that
    needs more is evicted."""

    operator_namespace: DnsLabel = "kuberay-system"
    """Where KubeRay's operator is, which tells the head what to do. Left out: kuberay-system."""


class RayServiceEndpointArgs(Config):
    """One model on a Ray cluster of its own."""

    foundation: Foundation
    """Where it stands. It needs the add-on ray."""

    model: ModelVersion
    """What it serves; its files are in every pod, under /mnt/models."""

    application: Application
    """What Ray Serve runs."""

    cluster: RayCluster
    """Where it runs."""

    upgrade: Upgrade = NewCluster()
    """How a change is made. Left out: by a new cluster beside the old one."""

    callers: Callers = Callers()
    """Who in the cluster may ask it. Left out: the gateway and Prometheus only."""

    labels: Labels | None = None
    """Who owns it and what it is. Left out: no labels but those that Kubernetes recommends."""

    @model_validator(mode="after")
    def _possible(self) -> Self:
        faults = [needs(self.foundation, "ray", "a RayService"), *ill_suited(self.model, self.cluster, self.foundation)]
        wrong = [fault for fault in (*faults, *_incremental(self)) if fault]
        if wrong:
            raise ValueError("; ".join(wrong))
        return self


def ill_suited(model: ModelVersion, cluster: RayCluster, foundation: Foundation) -> Iterator[str]:
    """What a cluster of Ray could not be, for a service or a job; each in one clause, or nothing."""
    fault = unnameable("", model.version, 10**6)
    yield "" if fault is None else f"model.version: {'; '.join(fault)}"
    yield unreachable(cluster, foundation)


def unreachable(cluster: RayCluster, foundation: Foundation) -> str:
    """Why Ray's autoscaler could not do its work, in one clause; empty where it can, or is not asked to."""
    if not autoscaled(cluster.workers) or foundation.cluster.api_server is not None:
        return ""
    return (
        "cluster.workers: Ray's autoscaler asks the API server, and no policy lets it; "
        "give foundation.cluster.api_server, or max_replicas like min_replicas"
    )


def _incremental(args: RayServiceEndpointArgs) -> Iterator[str]:
    if not isinstance(args.upgrade, IncrementalUpgrade):
        return
    workers, version = args.cluster.workers, args.cluster.ray_version
    yield needs(args.foundation, "gateway-api", "an incremental upgrade")
    if not autoscaled(workers):
        same = f"min_replicas and max_replicas are both {workers.max_replicas}"
        yield f"upgrade: {same}, and an incremental one needs Ray's autoscaler; raise max_replicas, or take NewCluster"
    if version is None or tuple(int(part) for part in version.split(".")) < LEAST_INCREMENTAL:
        known = version or "not stated in cluster.ray_version"
        yield f"upgrade: Ray is {known}, and an incremental one needs 2.51.0; take NewCluster"
    callers = args.callers
    if not (args.foundation.gateway or callers.namespaces or callers.pods or callers.cidrs):
        yield "upgrade: the Gateway of an incremental one cannot reach it; name its pods in callers"


def autoscaled(workers: Workers) -> bool:
    """Whether Ray moves the number of workers."""
    return workers.min_replicas < workers.max_replicas
