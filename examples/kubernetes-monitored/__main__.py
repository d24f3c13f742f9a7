import pulumi

from modelberth.kubernetes import KubernetesFoundation
from modelberth.kubernetes.deployment import DeploymentEndpoint

config = pulumi.Config()
cluster = {
    "cluster": {"kubeconfig": config.require("kubeconfig"), "context": config.require("context")},
    "namespace": {"name": config.require("namespace")},
    "models": {"prefix": config.require("store"), "egress": [{"cidr": "0.0.0.0/0"}]},
    "images": {"serving": config.require("serving")},
    "addons": ["grafana-operator", "prometheus-operator"],
    "prometheus": {"address": "http://prometheus.monitoring.svc:9090", "selector": {"release": "prometheus"}},
}
ml = KubernetesFoundation("ml", {**cluster, "protect": pulumi.get_stack() == "prod"})

ranker = DeploymentEndpoint(
    "ranker",
    {
        "foundation": ml.shared,
        "traffic": {"stable": {"uri": "models:/ranker/1.4.0", "digest": config.require("digest")}},
        "server": {"resources": {"cpu": 1, "memory_gib": 2}},
        "scaling": {"min_replicas": 2, "max_replicas": 6, "cpu": "70%"},
        "slo": {"p95": "200ms", "p99": "1s", "availability": "99.9%"},
        "callers": {"namespaces": ["shop"]},
    },
    pulumi.ResourceOptions(provider=ml.provider),
)
pulumi.export("url", ranker.url)
pulumi.export("metrics", ranker.metrics.apply(lambda found: {signal: query.query for signal, query in found.items()}))
