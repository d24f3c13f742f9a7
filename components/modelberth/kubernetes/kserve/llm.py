"""`LLMInferenceService`: a large language model on vLLM, spread over devices, with prefill apart where it is wanted."""

from typing import Annotated, Any, Self

import pulumi
from pydantic import Field, model_validator

from modelberth.core.component import Component
from modelberth.core.config import Config
from modelberth.core.errors import ConfigError, Fault
from modelberth.core.labels import Labels
from modelberth.core.quantities import Seconds
from modelberth.kubernetes.accelerators import placement, requested
from modelberth.kubernetes.foundation import Foundation, needs, place_of
from modelberth.kubernetes.identity import service_account
from modelberth.kubernetes.kserve.llm_parts import LanguageModel, Router, Workload
from modelberth.kubernetes.kserve.waiting import WAIT
from modelberth.kubernetes.manifest import Manifest, Place, manifest
from modelberth.kubernetes.network import Callers, Ports, workload_policy
from modelberth.kubernetes.objects import create
from modelberth.kubernetes.peers import Reached
from modelberth.kubernetes.pods import HARDENED, surroundings, tmp_mount, tmp_volume
from modelberth.kubernetes.quantities import requirements

PORT = 8000
"""Where it answers; KServe knows no other. Source: kserve/kserve@v0.16.0:pkg/controller/v1alpha1/llmisvc/workload.go"""
MAIN = "main"
"""The container of KServe's presets (LLMInferenceServiceConfig) that ours is merged into.
Source: kserve/kserve@v0.16.0:config/llmisvcconfig"""
SUFFIX = "-kserve-workload-svc"
"""What KServe puts behind a service's name for the Service before its pods."""
LONGEST = 63
REASON = "modelberth.dev/public-because"


class LLMInferenceServiceArgs(Config):
    """One model. Without a router it is reached in the cluster only.

    Our containers are hardened; KServe's own that fetch the model are not, unless it comes as an OCI image or from a
    volume: see `KServeRuntime`.
    """

    foundation: Foundation
    """Where it stands: `KubernetesFoundation(…).shared`."""

    model: LanguageModel
    """Which model."""

    workload: Workload
    """Who computes; with `prefill`, who writes the answers."""

    prefill: Workload | None = None
    """Who reads the prompts, apart from who writes the answers. Left out: the same pods."""

    router: Router | None = None
    """How requests come to it from outside the cluster. Left out: not at all."""

    egress: tuple[Reached, ...] = ()
    """What its pods must reach: the addresses of the hub that the model is fetched from. Left out: names only."""

    callers: Callers = Callers()
    """Who in the cluster may ask it. Left out: the gateway and Prometheus only."""

    ready_seconds: Annotated[Seconds, Field(gt=0)] = 3600
    """How long its pods may take to find nodes, to fetch the model and to load it; then an `up` fails. Left out: an
    hour."""

    labels: Labels | None = None
    """Who owns it and what it is. Left out: no labels but those that Kubernetes recommends."""

    @model_validator(mode="after")
    def _possible(self) -> Self:
        found = [needs(self.foundation, "kserve", "an LLMInferenceService")]
        if any(each is not None and each.workers for each in (self.workload, self.prefill)):
            found.append(needs(self.foundation, "leader-worker-set", "workers"))
        if self.router is not None:
            found.append(needs(self.foundation, "gateway-api", "router"))
        if any(found):
            raise ValueError("; ".join(filter(None, found)))
        return self


class LLMInferenceService(Component):
    """A large language model behind KServe."""

    url: pulumi.Output[str]
    """Address in the cluster: an OpenAI-compatible API."""
    resource_id: pulumi.Output[str]
    """`<namespace>/<service>`."""

    def __init__(
        self, name: str, args: LLMInferenceServiceArgs | dict[str, Any], opts: pulumi.ResourceOptions | None = None
    ) -> None:
        args = LLMInferenceServiceArgs.parse(args, name)
        objects = llm_objects(args, name)
        super().__init__(name, args, opts)
        place = place_of(args.foundation, name, args.labels)
        service = objects.pop(name)
        before = create(objects, self.child())
        ready = f"{round(args.ready_seconds)}s"
        timeouts = pulumi.CustomTimeouts(create=ready, update=ready)
        create({name: service}, self.child(depends_on=list(before.values()), custom_timeouts=timeouts))
        self.url = pulumi.Output.concat("http://", name, SUFFIX, ".", place.namespace, ".svc:", str(PORT))
        self.resource_id = pulumi.Output.concat(place.namespace, "/", name)
        self.register_outputs({"url": self.url, "resource_id": self.resource_id})


def llm_objects(args: LLMInferenceServiceArgs, name: str) -> dict[str, Manifest]:
    """Resource name to object. Pure. Raises `ConfigError` for a name that is too long for what KServe appends."""
    full = f"{name}{SUFFIX}"
    if len(full) > LONGEST:
        what = f"KServe makes {full} of it, with {len(full)} characters; at most {LONGEST} are allowed"
        raise ConfigError([Fault("name", what, f"shorten it by {len(full) - LONGEST}")], name)
    place = place_of(args.foundation, name, args.labels)
    return {
        f"{name}-account": service_account(place, args.foundation.identity),
        f"{name}-network": _network(args, place),
        name: _service(args, place),
    }


def _network(args: LLMInferenceServiceArgs, place: Place) -> Manifest:
    """Pods of one service talk to one another about a model that they share, at ports of their own choice."""
    pods = {"app.kubernetes.io/name": place.instance, "app.kubernetes.io/part-of": "llminferenceservice"}
    made = workload_policy(args.foundation, place, Ports((PORT,), PORT), args.callers, egress=args.egress, pods=pods)
    own = [{"podSelector": {"matchLabels": pods}}]
    made["spec"]["ingress"].append({"from": own})
    made["spec"]["egress"].append({"to": own})
    return made


def _service(args: LLMInferenceServiceArgs, place: Place) -> Manifest:
    spec = {
        "model": _model(args.model, place),
        **_workload(args, args.workload, place),
        **({} if args.prefill is None else {"prefill": _workload(args, args.prefill, place)}),
        **({} if args.router is None else {"router": _router(args.router)}),
    }
    managed = None if args.router is None else args.router.managed
    reason = {} if managed is None else {REASON: managed.reason}
    return manifest("LLMInferenceService", place.instance, place, {**WAIT, **reason}, spec=spec)


def _model(model: LanguageModel, place: Place) -> Manifest:
    adapters = [{"name": each.name, "uri": each.uri} for each in model.adapters]
    return {
        "uri": model.uri,
        "name": place.instance if model.name is None else model.name,
        **({} if model.criticality is None else {"criticality": model.criticality}),
        **({"lora": {"adapters": adapters}} if adapters else {}),
    }


def _workload(args: LLMInferenceServiceArgs, workload: Workload, place: Place) -> Manifest:
    pod = _pod(args, workload, place)
    return {
        "replicas": workload.replicas,
        **_parallelism(workload),
        "template": pod,
        **({"worker": pod} if workload.workers else {}),
    }


def _parallelism(workload: Workload) -> Manifest:
    given = workload.parallelism
    if given is None:
        return {}
    words = {"tensor": given.tensor, "pipeline": given.pipeline, "data": given.data, "dataLocal": given.data_local}
    sizes = {word: size for word, size in words.items() if size is not None}
    return {"parallelism": {**sizes, **({"expert": True} if given.expert else {})}}


def _pod(args: LLMInferenceServiceArgs, workload: Workload, place: Place) -> Manifest:
    """What KServe's preset has besides (command, ports, probes, its volumes) stays as it is there."""
    environment = [{"name": name, "value": value} for name, value in sorted(workload.environment.items())]
    container = {
        "name": MAIN,
        "image": workload.image,
        "resources": requirements(workload.resources, requested(workload.devices)),
        "securityContext": dict(HARDENED),
        "volumeMounts": [tmp_mount()],
        **({"env": environment} if environment else {}),
    }
    return {
        **surroundings(args.foundation, workload.user, place.instance),
        "containers": [container],
        "volumes": [tmp_volume()],
        **placement(workload.devices),
    }


def _router(router: Router) -> Manifest:
    own = {} if router.own is None else {"http": {"refs": [{"name": name} for name in router.own.routes]}}
    # KServe's own gateway goes with its own route only.
    gateway = {"gateway": {}} if router.own is None else {}
    return {"route": own, **gateway, **({"scheduler": {}} if router.scheduler else {})}
