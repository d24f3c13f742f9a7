import pulumi

from modelberth.kubernetes import KubernetesFoundation
from modelberth.kubernetes.kserve import InferenceServiceEndpoint

config = pulumi.Config()
cluster = {
    "cluster": {"kubeconfig": config.require("kubeconfig"), "context": config.require("context")},
    "namespace": {"name": config.require("namespace")},
    "models": {"prefix": config.require("store"), "egress": [{"cidr": "0.0.0.0/0"}]},
    "images": {"serving": config.require("serving")},
    "addons": ["knative", "kserve"],
}
ml = KubernetesFoundation("ml", {**cluster, "protect": pulumi.get_stack() == "prod"})

on_requests = {
    "kind": "knative",
    "min_replicas": 2,
    "max_replicas": 8,
    "metric": "concurrency",
    "target": 4,
    "features": ["podspec-init-containers", "podspec-topologyspreadconstraints"],
}
ranker = InferenceServiceEndpoint(
    "ranker",
    {
        "foundation": ml.shared,
        "traffic": {"stable": {"uri": "models:/ranker/1.4.0", "digest": config.require("digest")}},
        "server": {"resources": {"cpu": 1, "memory_gib": 2}},
        "mode": on_requests,
        "callers": {"namespaces": ["shop"]},
    },
    pulumi.ResourceOptions(provider=ml.provider),
)
pulumi.export("url", ranker.url)
pulumi.export("versions", ranker.versions)
