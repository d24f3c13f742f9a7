"""The component that ships logs: what it makes, under what, and which of our own rules it asks an exemption from."""

import pulumi
from components.kubernetes.monitoring.samples import PLACE, SETTLED, SLO, foundation
from components.kubernetes.monitoring.test_logs import ARGS, ELASTIC, PASSWORD

from modelberth.kubernetes.monitoring import monitoring_objects
from modelberth.kubernetes.monitoring.logs import LogShipping
from modelberth.kubernetes.objects import create
from modelberth_policies.evaluate import evaluate
from modelberth_policies.limits import load_limits
from modelberth_policies.resources import Secret
from modelberth_policies.rules import ALL, SECURITY
from modelberth_policies.sources.program import run_in_process

READS_FILES_OF_NODES = {
    "k8s-namespace-pss-enforced": "its namespace is privileged",
    "k8s-run-as-non-root": "the kubelet's files are root's",
    "k8s-volume-types-restricted": "they are files of the node",
}
"""Rule to why what ships logs cannot keep it."""


def shipping():
    password = pulumi.Output.secret(PASSWORD)
    LogShipping("logs", {**ARGS, "to": {**ELASTIC, "credentials": {"user": "writer", "password": password}}})


def findings(program):
    limits = load_limits(None, frozenset(rule.id for rule in ALL)).of_stack("prod")
    assert limits.production
    return list(evaluate(run_in_process(program), SECURITY, limits))


def test_everything_is_under_the_component_and_the_namespace_is_first():
    plan = run_in_process(shipping)
    made = {each.name: each for each in plan if each.custom}
    assert set(made) == {
        "logs", "logs-namespace", "logs-account", "logs-network", "logs-config", "logs-secret", "logs-retention",
        "logs-retention-files",
    }  # fmt: skip
    assert all(each.parent.endswith("modelberth:index:LogShipping::logs") for each in made.values())
    assert {each.type for each in made.values()} == {
        f"kubernetes:{kind}"
        for kind in (
            "apps/v1:DaemonSet", "batch/v1:Job", "core/v1:ConfigMap", "core/v1:Namespace", "core/v1:Secret",
            "core/v1:ServiceAccount", "networking.k8s.io/v1:NetworkPolicy",
        )
    }  # fmt: skip


def test_the_password_is_secret_wherever_it_stands():
    plan = run_in_process(shipping)
    [files] = [each.inputs["data"] for each in plan if each.name == "logs-secret"]
    assert isinstance(files, Secret) or all(isinstance(files[name], Secret) for name in ("password", "output.yaml"))


def test_it_asks_for_exemptions_from_what_reading_files_of_nodes_needs_and_from_nothing_else():
    assert {finding.rule for finding in findings(shipping)} == set(READS_FILES_OF_NODES)


def test_what_watches_a_service_asks_for_none():
    objects = monitoring_objects(foundation(), PLACE, "serving", SLO, SETTLED)
    assert findings(lambda: create(objects, pulumi.ResourceOptions())) == []
