"""All that the products of this cloud make, as sets of manifests: the least and the most of each, and a whole stack."""

import sys
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from components.kubernetes.batch import samples as batch
from components.kubernetes.deployment import samples as deployment
from components.kubernetes.edge import samples as edge
from components.kubernetes.edge.test_updater import objects as updater
from components.kubernetes.gateway import samples as gateway
from components.kubernetes.kserve import samples as kserve
from components.kubernetes.kserve.test_graph import whole as whole_graph
from components.kubernetes.kserve.test_llm import LEAST as LEAST_LLM
from components.kubernetes.kserve.test_llm import MOST as MOST_LLM
from components.kubernetes.monitoring import samples as monitoring
from components.kubernetes.monitoring.test_logs import args as logs_args
from components.kubernetes.ray import samples as ray
from components.kubernetes.registry import samples as registry
from components.kubernetes.rollouts import samples as rollouts
from components.kubernetes.seldon import samples as seldon
from components.kubernetes.shared.conftest import WHOLE, plain, planned

from modelberth.kubernetes.kserve.graph_endpoint import graph_objects
from modelberth.kubernetes.kserve.llm import LLMInferenceServiceArgs, llm_objects
from modelberth.kubernetes.manifest import Manifest
from modelberth.kubernetes.monitoring.logs import namespace as log_namespace
from modelberth.kubernetes.monitoring.logs import shipping_objects
from modelberth.kubernetes.seldon import SeldonServerArgs
from modelberth.kubernetes.seldon.v2.server import server_objects
from modelberth_policies.sources.program import plan

ROOT = Path(__file__).parents[4]
SEVERAL_NODES = {
    **deployment.MOST,
    "traffic": {"stable": deployment.STABLE},
    "nodes": deployment.NODES,
    "scaling": {"max_replicas": 3, "cpu": "70%"},
}
BY_THE_PROCESSOR = {
    **deployment.LEAST,
    "scaling": {"min_replicas": 2, "max_replicas": 6, "cpu": "70%"},
}


def log_shipping() -> dict[str, Manifest]:
    """What ships logs, with the namespace that it has to itself."""
    made = monitoring.known(lambda: shipping_objects(logs_args(), "logs"))
    return {"namespace": log_namespace(logs_args()), **made}


def shared_parts() -> dict[str, Manifest]:
    """The foundation with all that it can make, and a service that takes all of it."""
    return of_plan(planned(WHOLE, service=True))


def stack() -> dict[str, Manifest]:
    """The environment `kubernetes` of this repository, translated and composed, under its own profile."""
    return of_plan(plan(ROOT, "kubernetes", python=sys.executable, env={"PYTHONPATH": str(ROOT / "components")}))


def of_plan(resources: Any) -> dict[str, Manifest]:
    """The manifests among planned resources, by kind and name; what is known only later stays unknown."""
    manifests = [plain(each.inputs) for each in resources if each.custom and "apiVersion" in each.inputs]
    return {f"{each['kind']} {each['metadata']['name']}": each for each in manifests}


SETS: Mapping[str, Callable[[], Mapping[str, Manifest]]] = {
    "deployment, least": lambda: deployment.objects(),
    "deployment, most": lambda: deployment.objects(deployment.MOST),
    "deployment, in place": lambda: deployment.objects(replace="in_place", replicas=3),
    "deployment, by the processor": lambda: deployment.objects(BY_THE_PROCESSOR),
    "deployment, several nodes": lambda: deployment.objects(SEVERAL_NODES),
    "rollouts, least": lambda: rollouts.objects(),
    "rollouts, most": lambda: rollouts.objects(rollouts.MOST),
    "kserve, least": lambda: kserve.objects(),
    "kserve, most": lambda: kserve.objects(kserve.MOST),
    "kserve, Knative": lambda: kserve.objects(mode=kserve.KNATIVE),
    "kserve, its own runtime": lambda: kserve.objects(kserve.BY_RUNTIME),
    "kserve, language model, least": lambda: llm_objects(LLMInferenceServiceArgs.parse(LEAST_LLM), "writer"),
    "kserve, language model, most": lambda: llm_objects(LLMInferenceServiceArgs.parse(MOST_LLM), "writer"),
    "kserve, graph": lambda: graph_objects(whole_graph(), "journey"),
    "seldon 1, least": lambda: seldon.v1(),
    "seldon 1, most": lambda: seldon.v1(seldon.MOST_V1),
    "seldon 1, prepackaged": lambda: seldon.v1(seldon.PREPACKAGED),
    "seldon 2, least": lambda: seldon.v2(),
    "seldon 2, most": lambda: seldon.v2(seldon.MOST_V2),
    "seldon 2, server": lambda: server_objects(SeldonServerArgs.parse(seldon.SERVER), "big"),
    "ray, least": lambda: ray.objects(),
    "ray, most": lambda: ray.objects(ray.MOST),
    "ray, job": lambda: ray.run(),
    "batch, least": lambda: batch.objects(),
    "batch, most": lambda: batch.objects(**batch.MOST),
    "batch, by the clock": lambda: batch.objects(timing=batch.NIGHTLY),
    "edge, least": lambda: edge.objects(),
    "edge, most": lambda: edge.objects(edge.MOST),
    "edge, updater": lambda: updater(),
    "registry, least": lambda: registry.objects(),
    "registry, most": lambda: registry.objects(registry.MOST),
    "front door, Envoy": lambda: gateway.made(callers={"keys": ["web"]}),
    "logs": log_shipping,
    "shared parts": shared_parts,
    "stack kubernetes": stack,
}
"""What is made, and how."""
