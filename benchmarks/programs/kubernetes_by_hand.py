"""The objects that kubernetes_component.py makes, written out with pulumi_kubernetes' typed classes alone.

Nothing here is checked or derived, and nothing of the library is imported: the price of importing it is in the ratio.
"""

from typing import Any

import pulumi
from pulumi_kubernetes.apps import v1 as apps
from pulumi_kubernetes.autoscaling import v2 as autoscaling
from pulumi_kubernetes.core import v1 as core
from pulumi_kubernetes.meta import v1 as meta
from pulumi_kubernetes.networking import v1 as networking
from pulumi_kubernetes.policy import v1 as policy

NAMESPACE, PROBED = "models", {"period_seconds": 5, "timeout_seconds": 2}
INSTANCE, VERSION = "app.kubernetes.io/instance", "app.kubernetes.io/version"
NOT_AWAITED = {"annotations": {"pulumi.com/skipAwait": "true"}}
HARDENED = core.SecurityContextArgs(
    allow_privilege_escalation=False,
    capabilities=core.CapabilitiesArgs(drop=["ALL"]),
    privileged=False,
    read_only_root_filesystem=True,
    run_as_non_root=True,
)
IMAGE = f"ghcr.io/acme/serving@sha256:{'0' * 64}"


def labels(name: str, version: str) -> dict[str, str]:
    """Who owns it and what it is."""
    own = {"owner": "search", "environment": "prod", "cost-centre": "4711", "service": name, "model": name}
    told = {**own, "version": version, "data-classification": "internal"}
    return {
        **{f"modelberth.dev/{key}": value for key, value in told.items()},
        INSTANCE: name,
        "app.kubernetes.io/managed-by": "modelberth",
    }


def metadata(object_name: str, name: str, version: str, **more: Any) -> meta.ObjectMetaArgs:
    """Name, namespace and labels of one object."""
    return meta.ObjectMetaArgs(name=object_name, namespace=NAMESPACE, labels=labels(name, version), **more)


def network(name: str) -> networking.NetworkPolicySpecArgs:
    """Asked by the gateway alone; asks for names and the models."""
    gateway = networking.NetworkPolicyPeerArgs(
        namespace_selector=meta.LabelSelectorArgs(match_labels={"kubernetes.io/metadata.name": "envoy-gateway-system"})
    )
    names = networking.NetworkPolicyPeerArgs(
        namespace_selector=meta.LabelSelectorArgs(match_labels={"kubernetes.io/metadata.name": "kube-system"}),
        pod_selector=meta.LabelSelectorArgs(match_labels={"k8s-app": "kube-dns"}),
    )
    port = networking.NetworkPolicyPortArgs
    return networking.NetworkPolicySpecArgs(
        pod_selector=meta.LabelSelectorArgs(match_labels={INSTANCE: name}),
        policy_types=["Ingress", "Egress"],
        ingress=[networking.NetworkPolicyIngressRuleArgs(from_=[gateway], ports=[port(protocol="TCP", port=8080)])],
        egress=[
            networking.NetworkPolicyEgressRuleArgs(
                to=[names], ports=[port(protocol="UDP", port=53), port(protocol="TCP", port=53)]
            ),
            networking.NetworkPolicyEgressRuleArgs(
                to=[networking.NetworkPolicyPeerArgs(ip_block=networking.IPBlockArgs(cidr="10.0.0.0/8"))],
                ports=[port(protocol="TCP", port=443)],
            ),
        ],
    )


def fetcher(address: str, digest: str) -> core.ContainerArgs:
    """What fetches the model and checks it."""
    return core.ContainerArgs(
        name="fetch-model",
        image=IMAGE,
        command=["python", "-m", "modelberth.models.fetch"],
        args=["--from", address, "--digest", digest, "--to", "/mnt/models"],
        env=[core.EnvVarArgs(name="HOME", value="/tmp")],
        resources=core.ResourceRequirementsArgs(
            requests={"cpu": "100m", "memory": "512Mi"}, limits={"memory": "512Mi"}
        ),
        security_context=HARDENED,
        volume_mounts=[
            core.VolumeMountArgs(name="model", mount_path="/mnt/models"),
            core.VolumeMountArgs(name="tmp", mount_path="/tmp"),
        ],
        termination_message_policy="FallbackToLogsOnError",
    )


def server(name: str, version: str) -> core.ContainerArgs:
    """What serves it."""
    ready = core.HTTPGetActionArgs(path="/readyz", port="http")
    live = core.HTTPGetActionArgs(path="/healthz", port="http")
    told = {"model": "/mnt/models", "name": name, "version": version, "host": "0.0.0.0", "port": "8080"}
    told |= {"threads": "2", "memory-limit-mib": "4096", "drain-seconds": "30"}
    return core.ContainerArgs(
        name="server",
        image=IMAGE,
        command=["python", "-m", "modelberth.serving", *(word for key in told for word in (f"--{key}", told[key]))],
        env=[core.EnvVarArgs(name="HOME", value="/tmp")],
        ports=[core.ContainerPortArgs(name="http", container_port=8080)],
        resources=core.ResourceRequirementsArgs(
            requests={"cpu": "2", "memory": "4096Mi", "ephemeral-storage": "5120Mi"}, limits={"memory": "4096Mi"}
        ),
        security_context=HARDENED,
        volume_mounts=[
            core.VolumeMountArgs(name="model", mount_path="/mnt/models", read_only=True),
            core.VolumeMountArgs(name="tmp", mount_path="/tmp"),
        ],
        termination_message_policy="FallbackToLogsOnError",
        lifecycle=core.LifecycleArgs(pre_stop=core.LifecycleHandlerArgs(sleep=core.SleepActionArgs(seconds=10))),
        startup_probe=core.ProbeArgs(http_get=ready, failure_threshold=60, **PROBED),
        readiness_probe=core.ProbeArgs(http_get=ready, **PROBED),
        liveness_probe=core.ProbeArgs(http_get=live, period_seconds=10, timeout_seconds=5, failure_threshold=6),
    )


def pod(name: str, version: str, digest: str, chosen: dict[str, str]) -> core.PodSpecArgs:
    """The pod of one version."""
    address = f"s3://models/prod/{name}/{version}/{digest.replace(':', '-')}"
    return core.PodSpecArgs(
        service_account_name=name,
        automount_service_account_token=False,
        enable_service_links=False,
        security_context=core.PodSecurityContextArgs(
            run_as_non_root=True,
            run_as_user=65532,
            run_as_group=65532,
            fs_group=65532,
            fs_group_change_policy="OnRootMismatch",
            seccomp_profile=core.SeccompProfileArgs(type="RuntimeDefault"),
        ),
        termination_grace_period_seconds=45,
        init_containers=[fetcher(address, digest)],
        containers=[server(name, version)],
        volumes=[
            core.VolumeArgs(name="model", empty_dir=core.EmptyDirVolumeSourceArgs(size_limit="4096Mi")),
            core.VolumeArgs(name="tmp", empty_dir=core.EmptyDirVolumeSourceArgs(size_limit="1Gi")),
        ],
        topology_spread_constraints=[
            core.TopologySpreadConstraintArgs(
                max_skew=1,
                topology_key=key,
                when_unsatisfiable="ScheduleAnyway",
                label_selector=meta.LabelSelectorArgs(match_labels=chosen),
            )
            for key in ("topology.kubernetes.io/zone", "kubernetes.io/hostname")
        ],
    )


def version_of(name: str, version: str, digest: str, before: list[Any]) -> list[Any]:
    """What one version has."""
    own, chosen = f"{name}--{version.replace('.', '-')}", {INSTANCE: name, VERSION: version}
    opts = pulumi.ResourceOptions(depends_on=before)
    template = core.PodTemplateSpecArgs(
        metadata=meta.ObjectMetaArgs(labels={**labels(name, version), **chosen}),
        spec=pod(name, version, digest, chosen),
    )
    rolling = apps.RollingUpdateDeploymentArgs(max_surge=1, max_unavailable=0)
    spec = apps.DeploymentSpecArgs(
        selector=meta.LabelSelectorArgs(match_labels=chosen),
        strategy=apps.DeploymentStrategyArgs(type="RollingUpdate", rolling_update=rolling),
        progress_deadline_seconds=420,
        revision_history_limit=2,
        template=template,
    )
    budget = policy.PodDisruptionBudgetSpecArgs(max_unavailable=1, selector=meta.LabelSelectorArgs(match_labels=chosen))
    return [
        apps.Deployment(own, metadata=metadata(own, name, version), spec=spec, opts=opts),
        policy.PodDisruptionBudget(f"{own}-disruption", metadata=metadata(own, name, version), spec=budget, opts=opts),
        core.Service(
            f"{own}-service", metadata=metadata(own, name, version, **NOT_AWAITED), spec=serving(chosen), opts=opts
        ),
        autoscaling.HorizontalPodAutoscaler(
            f"{own}-scaling", metadata=metadata(own, name, version), spec=scaling(own), opts=opts
        ),
    ]


def serving(chosen: dict[str, str]) -> core.ServiceSpecArgs:
    """A stable address before pods."""
    port = core.ServicePortArgs(name="http", port=80, target_port="http", protocol="TCP")
    return core.ServiceSpecArgs(type="ClusterIP", selector=chosen, ports=[port])


def scaling(own: str) -> autoscaling.HorizontalPodAutoscalerSpecArgs:
    """By the processor."""
    target = autoscaling.MetricTargetArgs(type="Utilization", average_utilization=70)
    return autoscaling.HorizontalPodAutoscalerSpecArgs(
        scale_target_ref=autoscaling.CrossVersionObjectReferenceArgs(
            api_version="apps/v1", kind="Deployment", name=own
        ),
        min_replicas=2,
        max_replicas=8,
        metrics=[
            autoscaling.MetricSpecArgs(
                type="Resource", resource=autoscaling.ResourceMetricSourceArgs(name="cpu", target=target)
            )
        ],
    )


def service(number: int) -> None:
    """One of them."""
    name, digest = f"ranker-{number}", f"sha256:{number:064x}"
    before = [
        core.ServiceAccount(
            f"{name}-account", metadata=metadata(name, name, "1.4.0"), automount_service_account_token=False
        ),
        networking.NetworkPolicy(f"{name}-network", metadata=metadata(name, name, "1.4.0"), spec=network(name)),
    ]
    made = [each for version in ("1.4.0", "1.5.0") for each in version_of(name, version, digest, before)]
    chosen, opts = serving({INSTANCE: name, VERSION: "1.4.0"}), pulumi.ResourceOptions(depends_on=made)
    stable = core.Service(name, metadata=metadata(name, name, "1.4.0", **NOT_AWAITED), spec=chosen, opts=opts)
    url = pulumi.Output.concat("http://", stable.metadata.name, ".", NAMESPACE, ".svc:80")
    pulumi.export(name, {"url": url, "versions": {"1.4.0": 100, "1.5.0": 0}})


for number in range(pulumi.Config().require_int("services")):
    service(number)
