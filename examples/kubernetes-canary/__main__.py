import pulumi

from modelberth.kubernetes import KubernetesFoundation
from modelberth.kubernetes.deployment import DeploymentEndpoint
from modelberth.kubernetes.gateway import GatewayFrontDoor

config, model = pulumi.Config(), "models:/ranker"
cluster = {
    "cluster": {"kubeconfig": config.require("kubeconfig"), "context": config.require("context")},
    "namespace": {"name": config.require("namespace")},
    "models": {"prefix": config.require("store"), "egress": [{"cidr": "0.0.0.0/0"}]},
    "images": {"serving": config.require("serving")},
    "addons": ["cert-manager", "envoy-gateway", "envoy-ratelimit", "gateway-api", "prometheus-operator"],
    "gateway": {"class_name": "eg", "hostname": config.require("hostname"), "issuer": {"name": "letsencrypt"}},
    "prometheus": {"address": "http://prometheus.monitoring.svc:9090"},
}
ml = KubernetesFoundation("ml", {**cluster, "protect": pulumi.get_stack() == "prod"})
opts = pulumi.ResourceOptions(provider=ml.provider)

traffic = {
    "stable": {"uri": f"{model}/1.4.0", "digest": config.require("digest")},
    "candidate": {"uri": f"{model}/1.5.0", "digest": config.require("candidate")},
    "weight": config.require_int("weight"),
}
server, slo = {"resources": {"cpu": 1, "memory_gib": 2}}, {"p95": "200ms", "availability": "99.9%"}
args = {"foundation": ml.shared, "traffic": traffic, "server": server, "replicas": 2, "slo": slo}
ranker = DeploymentEndpoint("ranker", args, opts)

callers, limits = {"keys": ["web", "batch"]}, {"per_client": {"requests": 50}, "total": {"requests": 200}}
door = {"foundation": ml.shared, "endpoint": ranker, "callers": callers, "limits": limits}
api = GatewayFrontDoor("ranker", door, opts)
pulumi.export("url", api.url)
pulumi.export("api_keys", api.api_keys)
pulumi.export("versions", api.versions)
