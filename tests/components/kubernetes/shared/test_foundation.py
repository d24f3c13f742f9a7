"""A foundation as a plan: what stands in which order, what is kept, and that our own rules have nothing to say."""

import base64
from collections import Counter

import pulumi
import pytest

from modelberth.kubernetes.foundation import Foundation, KubernetesFoundation, KubernetesFoundationArgs
from modelberth.kubernetes.manifest import API_VERSIONS
from modelberth.kubernetes.objects import create
from modelberth.kubernetes.provider import Cluster, provider_of
from modelberth_policies.evaluate import evaluate
from modelberth_policies.limits import Limits
from modelberth_policies.resources import Secret
from modelberth_policies.rules import SECURITY
from modelberth_policies.rules.kubernetes import RULES
from modelberth_policies.sources.program import run_in_process

SETTINGS = dict.fromkeys(
    (
        "enableConfigMapMutable",
        "enablePatchForce",
        "enableSecretMutable",
        "enableServerSideApply",
        "upsertExistingObjects",
    ),
    "true",
)
"""What `provider_of` sets, as the engine gets it."""
GUARDS = {
    "kubernetes:networking.k8s.io/v1:NetworkPolicy": "ml-default-deny",
    "kubernetes:core/v1:ResourceQuota": "ml-quota",
    "kubernetes:core/v1:LimitRange": "ml-limits",
    "kubernetes:security.istio.io/v1:PeerAuthentication": "ml-peers",
    "kubernetes:core/v1:Secret": "ml-secret-registry",
    "kubernetes:external-secrets.io/v1:ExternalSecret": "ml-secret-model-credentials",
}


def named(plan, name):
    [found] = [each for each in plan if each.name == name and each.custom]
    return found


def test_the_least_of_it_is_a_provider_and_a_namespace_that_denies(plans, small):
    made = [(each.type, each.name) for each in plans(small)]
    assert made == [
        ("modelberth:index:KubernetesFoundation", "ml"),
        ("pulumi:providers:kubernetes", "ml-provider"),
        ("modelberth:index:ServingNamespace", "ml"),
        ("kubernetes:core/v1:Namespace", "ml"),
        ("kubernetes:networking.k8s.io/v1:NetworkPolicy", "ml-default-deny"),
    ]


@pytest.mark.parametrize(
    "namespace", ["models", {"existing": "models", "identity": {"client_id": "0" * 8 + "-0000" * 3 + "-" + "0" * 12}}]
)
def test_a_namespace_that_is_there_is_not_made(plans, small, namespace):
    assert [each.name for each in plans({**small, "namespace": namespace})] == ["ml", "ml-provider"]


def test_what_guards_a_namespace_waits_for_it(whole_plan):
    namespace = named(whole_plan, "ml").urn
    for type_, name in GUARDS.items():
        guard = named(whole_plan, name)
        assert (guard.type, guard.dependencies) == (type_, (namespace,))


@pytest.mark.parametrize("name", ["iris", "iris-account", "iris-role", "ml-gateway", "ml-certificate", "ml-tls"])
def test_what_stands_in_it_waits_for_all_that_guards_it(whole_plan, name):
    guards = {named(whole_plan, guard).urn for guard in GUARDS.values()}
    assert guards | {named(whole_plan, "ml").urn} <= set(named(whole_plan, name).dependencies)


def test_everything_goes_to_the_one_explicit_provider(whole_plan):
    provider = named(whole_plan, "ml-provider")
    assert provider.inputs == {"kubeconfig": "kubeconfig", "context": "models", **SETTINGS}
    objects = [each for each in whole_plan if each.type.startswith("kubernetes:")]
    assert {each.options.provider for each in objects} == {provider.urn}
    assert len(objects) == 17


def test_what_is_protected_is_protected_with_its_guards(plans, whole):
    plan = plans({**whole, "protect": True})
    kept = {each.name for each in plan if each.options.protect}
    assert kept == {"ml", *GUARDS.values(), "ml-gateway", "ml-certificate", "ml-tls"}
    assert not any(each.options.protect for each in plans(whole))


def test_a_protection_of_the_component_itself_is_handed_down(plans, small):
    plan = plans(small, opts=pulumi.ResourceOptions(protect=True))
    assert all(each.options.protect for each in plan if each.type.startswith("kubernetes:"))


def test_secrets_are_secret_in_what_is_recorded_too(whole_plan, whole):
    [text] = whole["namespace"]["secrets"]["registry"]["values"].values()
    everything = repr([each.inputs for each in whole_plan])
    assert "model-credentials" in everything
    assert text not in everything
    assert base64.b64encode(text.encode()).decode() not in everything


@pytest.mark.parametrize("given", [pulumi.Output.secret, pulumi.Output.from_input])
def test_a_kubeconfig_of_another_stack_is_secret(given):
    def program():
        cluster = Cluster.parse({"kubeconfig": given("apiVersion: v1"), "context": "models"})
        provider_of("k8s", cluster)

    provider = named(run_in_process(program), "k8s")
    assert isinstance(provider.inputs["kubeconfig"], Secret)


def test_a_namespace_of_another_program_may_be_known_late():
    given = {"existing": pulumi.Output.from_input("models")}
    args = {"cluster": {"kubeconfig": "kubeconfig", "context": "models"}, "models": {"prefix": "s3://models/prod"}}

    def program():
        made = KubernetesFoundation("ml", {**args, "namespace": given})
        account = {"apiVersion": "v1", "kind": "ServiceAccount", "metadata": {"namespace": made.shared.namespace}}
        create({"account": account}, pulumi.ResourceOptions(provider=made.provider))

    assert named(run_in_process(program), "account").get("metadata.namespace") == "models"


def test_our_own_rules_have_nothing_to_say_in_production(whole_plan):
    assert len(RULES) > 20
    assert [f"{each.rule}: {each.name} {each.message}" for each in evaluate(whole_plan, SECURITY, Limits())] == []


def test_a_redirection_from_clear_text_is_told_by_a_rule(plans, whole):
    """It is a choice that wants a reason: an exemption."""
    plan = plans({**whole, "gateway": {**whole["gateway"], "redirect_http": True}})
    assert {each.rule for each in evaluate(plan, RULES, Limits())} == {"k8s-ingress-tls"}


def test_all_kinds_have_the_version_that_the_table_says(whole_objects):
    assert all(API_VERSIONS[each["kind"]] == each["apiVersion"] for each in whole_objects)


def test_components_stay_within_their_budget(plans, whole):
    assert max(len(model.model_fields) for model in (Foundation, KubernetesFoundationArgs)) <= 12
    plan = plans({**whole, "gateway": {**whole["gateway"], "redirect_http": True}})
    kinds = Counter(parent for parent, _ in {(each.parent, each.type) for each in plan})
    made = {each.type.rpartition(":")[2]: kinds[each.urn] for each in plan if not each.custom}
    assert made == {"KubernetesFoundation": 3, "ServingNamespace": 7, "ServingGateway": 4}
