"""What each product on Kubernetes makes, its samples with every option, under all of our rules in production.

A rule that a product cannot keep stands in `BROKEN`, with the reason; there is no other way past one.
"""

from pathlib import Path

import pulumi
import pytest
from components.kubernetes.batch import samples as batch
from components.kubernetes.deployment import samples as deployment
from components.kubernetes.edge import samples as edge
from components.kubernetes.gateway import samples as gateway
from components.kubernetes.kserve import samples as kserve
from components.kubernetes.kserve import test_graph as graphs
from components.kubernetes.kserve import test_llm as llm
from components.kubernetes.monitoring import samples as monitoring
from components.kubernetes.monitoring import test_logs as logs
from components.kubernetes.ray import samples as ray
from components.kubernetes.registry import samples as registry
from components.kubernetes.rollouts import samples as rollouts
from components.kubernetes.seldon import samples as seldon

from modelberth.kubernetes.gateway.front_door import objects_of as door_of
from modelberth.kubernetes.kserve.endpoint import InferenceServiceEndpoint
from modelberth.kubernetes.kserve.graph_endpoint import graph_objects
from modelberth.kubernetes.kserve.llm import LLMInferenceServiceArgs, llm_objects
from modelberth.kubernetes.monitoring import monitoring_objects
from modelberth.kubernetes.monitoring.logs import LogShipping
from modelberth.kubernetes.objects import create
from modelberth.kubernetes.registry import MlflowRegistry
from modelberth.kubernetes.seldon import SeldonExperimentArgs, SeldonPipelineEndpointArgs, SeldonServerArgs
from modelberth.kubernetes.seldon.v2.experiment import experiment_objects
from modelberth.kubernetes.seldon.v2.pipeline_endpoint import pipeline_objects
from modelberth.kubernetes.seldon.v2.server import server_objects
from modelberth_policies.bill import Assumptions, Profile, estimate
from modelberth_policies.evaluate import evaluate, in_force
from modelberth_policies.limits import Limits
from modelberth_policies.rules import ALL
from modelberth_policies.rules.kubernetes import RULES as OF_KUBERNETES
from modelberth_policies.sources.program import run_in_process

LABELS = deployment.LABELS
LIMITS = Limits(public=("*Route::*",))
"""Production, where every route is declared public, and so must ask who calls and how often."""
USE = Assumptions(node_vcpu_hour_usd=0.04, node_gib_hour_usd=0.0045, node_gpu_hour_usd=0.8)

STEP = {"min_replicas": 2}
"""Production wants two of everything that answers."""
STANDARD = {"kind": "standard", "scaling": {"by": "hpa", "min_replicas": 2, "max_replicas": 4, "target_percent": 70}}
KEDA = {**kserve.MOST["mode"], "scaling": {**kserve.KEDA, "min_replicas": 2}}
MOST_OF_KSERVE = {
    **kserve.MOST,
    "mode": KEDA,
    "transformer": {**kserve.MOST["transformer"], **STEP},
    "explainer": {**kserve.MOST["explainer"], "min_replicas": 2, "max_replicas": 2},
}
KNATIVE = {**kserve.KNATIVE, "min_replicas": 2}


def made(objects):
    """A program that creates what a pure function gives."""
    return lambda: create(objects(), pulumi.ResourceOptions())


def door(**fields):
    """A front door before a service of two versions."""
    return made(lambda: gateway.made(gateway.backends(stable=90, candidate=10), labels=LABELS, **fields))


def kserve_behind_a_door(given):
    """Each version is a service of its own, and the weights are the route's."""

    def program():
        endpoint = InferenceServiceEndpoint("ranker", given)
        fields = {"foundation": gateway.foundation(), "callers": {"keys": ["web"]}, "limits": RATE, "labels": LABELS}
        create(
            door_of(gateway.door(**fields), endpoint.backends, "ranker", gateway.KEYS, None), pulumi.ResourceOptions()
        )

    return program


RATE = {"per_client": {"requests": 600, "per": "minute"}}
PRODUCTS = {
    "deployment": made(lambda: deployment.objects(replicas=2, labels=LABELS)),
    "deployment, with everything": made(lambda: deployment.objects(deployment.MOST)),
    "rollouts": made(lambda: rollouts.objects(replicas=2, labels=LABELS)),
    "rollouts, with everything": made(lambda: rollouts.objects(rollouts.MOST)),
    "gateway, keys": door(callers={"keys": ["web", "batch"]}, limits=RATE),
    "gateway, tokens": door(callers={"jwt": gateway.JWT}, limits=RATE),
    "gateway, Istio": door(foundation=gateway.foundation(*gateway.ISTIO), callers={"jwt": gateway.JWT}),
    "gateway, strangers": door(public=gateway.OPEN, limits={"total": {"requests": 50}}),
    "kserve": kserve_behind_a_door({**kserve.LEAST, "mode": STANDARD, "labels": LABELS}),
    "kserve, a runtime": kserve_behind_a_door({**kserve.BY_RUNTIME, "mode": STANDARD, "labels": LABELS}),
    "kserve, Knative": kserve_behind_a_door({**kserve.LEAST, "mode": KNATIVE, "labels": LABELS}),
    "kserve, with everything": kserve_behind_a_door(MOST_OF_KSERVE),
    "kserve, a language model": made(lambda: llm_objects(LLMInferenceServiceArgs.parse(llm.MOST), "writer")),
    "kserve, a graph": made(lambda: graph_objects(graphs.graph(root=graphs.SEQUENCE), "chain")),
    "seldon, 1": made(lambda: seldon.v1(labels=LABELS)),
    "seldon, 1, prepackaged": made(lambda: seldon.v1(seldon.PREPACKAGED, labels=LABELS)),
    "seldon, 1, with everything": made(lambda: seldon.v1(seldon.MOST_V1)),
    "seldon, 2": made(lambda: seldon.v2(labels=LABELS)),
    "seldon, 2, with everything": made(lambda: seldon.v2(seldon.MOST_V2)),
    "seldon, 2, a server": made(lambda: server_objects(SeldonServerArgs.parse(seldon.SERVER), "shared")),
    "seldon, 2, an experiment": made(lambda: experiment_objects(SeldonExperimentArgs.parse(seldon.EXPERIMENT), "ab")),
    "seldon, 2, a pipeline": made(
        lambda: pipeline_objects(SeldonPipelineEndpointArgs.parse(seldon.MOST_OF_A_PIPELINE), "fraud")
    ),
    "ray": made(lambda: ray.objects(labels=LABELS)),
    "ray, workers by need": made(lambda: ray.objects(ray.MOST, cluster=ray.MOVING, upgrade={"kind": "NewCluster"})),
    "ray, with everything": made(lambda: ray.objects(ray.MOST)),
    "ray, a job": made(lambda: ray.run(labels=LABELS)),
    "batch": made(lambda: batch.objects(labels=LABELS)),
    "batch, nightly": made(lambda: batch.objects(timing=batch.NIGHTLY, labels=LABELS)),
    "batch, with everything": made(lambda: batch.objects(**batch.MOST)),
    "edge": made(lambda: edge.objects(labels=edge.LABELS)),
    "edge, with everything": made(lambda: edge.objects(edge.MOST)),
    "registry": lambda: MlflowRegistry("registry", registry.given(registry.LEAST)),
    "registry, with everything": lambda: MlflowRegistry("registry", registry.given(registry.MOST)),
    "registry, another's database": lambda: MlflowRegistry("registry", registry.given(registry.EXTERNAL)),
    "monitoring": made(
        lambda: monitoring_objects(
            monitoring.foundation(), monitoring.PLACE, "serving", monitoring.SLO, monitoring.SETTLED
        )
    ),
    "monitoring, logs": lambda: LogShipping("logs", shipping()),
}  # fmt: skip


def shipping():
    credentials = {"user": "writer", "password": pulumi.Output.secret(logs.PASSWORD)}
    return {**logs.ARGS, "to": {**logs.ELASTIC, "credentials": credentials}}


PUBLIC, UNPRICED = "public-endpoint-needs-auth-and-rate-limit", "unpriced-billable-resource"
SIDECARS = "Seldon's ServerConfig, which is not in the plan, says what the containers that it adds ask for"
VOLUME = "which disk of which cloud its volume becomes, the cluster decides"
ONE_NODE = "a box is one node: a second pod goes down with the first, and nobody empties it to upgrade it"
BROKEN = {
    "edge": {"k8s-prod-replicas-and-pdb": ONE_NODE},
    "edge, with everything": {"k8s-prod-replicas-and-pdb": ONE_NODE, UNPRICED: VOLUME},
    "gateway, Istio": {PUBLIC: "Istio has no kind for rates; portable.py refuses a service that wants one there"},
    "gateway, strangers": {PUBLIC: "strangers are let in because the service says so, with a reason"},
    "kserve, a language model": {UNPRICED: "KServe works out from the parallelism how many workers there are"},
    "kserve, a graph": {UNPRICED: "KServe's configuration says what the pod of its router asks for"},
    "seldon, 2, with everything": {UNPRICED: SIDECARS},
    "seldon, 2, a server": {UNPRICED: SIDECARS},
    "registry": {UNPRICED: VOLUME},
    "registry, with everything": {UNPRICED: VOLUME},
    "monitoring, logs": {
        "k8s-namespace-pss-enforced": "its pods read files of their nodes, which only a privileged namespace lets them",
        "k8s-run-as-non-root": "the files of the containers' logs are root's",
        "k8s-volume-types-restricted": "the logs are files of the node, and so is where it stands in them",
        UNPRICED: "there is one on every node, and the plan does not show how many those are",
    },
}
"""Product → rule → why it cannot keep it. A stack with one of these needs an exemption in policies/exemptions.yaml."""


def findings(program):
    plan = run_in_process(program, stack="prod")
    assert len(plan) > 0
    return list(evaluate(plan, ALL, LIMITS, lambda: estimate(plan, Profile("prod", USE))))


@pytest.mark.parametrize("product", PRODUCTS)
def test_a_product_breaks_no_rule_but_those_that_it_says(product):
    found = findings(PRODUCTS[product])
    told = [f"{each.rule} ({each.kind}): {each.message}" for each in found]
    allowed = BROKEN.get(product, {})
    assert [said for said, each in zip(told, found, strict=True) if each.rule not in allowed] == []
    assert {each.rule for each in found} == set(allowed), "a rule is listed that is kept"


def test_every_product_is_here():
    """By the folders of samples; that each product has one, its own tests see to."""
    folders = {path.parent.name for path in (Path(__file__).parents[1] / "components/kubernetes").glob("*/samples.py")}
    assert {name.partition(",")[0] for name in PRODUCTS} == folders


def test_each_exception_has_a_product_and_a_reason():
    assert set(BROKEN) <= set(PRODUCTS)
    assert all(len(reason) > 20 for rules in BROKEN.values() for reason in rules.values())


def test_every_rule_on_kubernetes_is_asked_in_production():
    asked = {rule.id for rule in in_force(ALL, LIMITS)}
    # Without a list of registries there is nothing to compare with.
    assert {rule.id for rule in OF_KUBERNETES} - asked == {"k8s-image-registry-allow-list"}
