import pulumi

from modelberth.kubernetes import KubernetesFoundation
from modelberth.kubernetes.gateway import GatewayFrontDoor
from modelberth.kubernetes.rollouts import RolloutEndpoint

config = pulumi.Config()
cluster = {
    "cluster": {"kubeconfig": config.require("kubeconfig"), "context": config.require("context")},
    "namespace": {"name": config.require("namespace")},
    "models": {"prefix": config.require("store"), "egress": [{"cidr": "0.0.0.0/0"}]},
    "images": {"serving": config.require("serving")},
    "addons": ["argo-rollouts", "cert-manager", "envoy-gateway", "envoy-ratelimit", "gateway-api"],
    "gateway": {"class_name": "eg", "hostname": config.require("hostname"), "issuer": {"name": "letsencrypt"}},
    "prometheus": {"address": "http://prometheus.monitoring.svc:9090"},
}
cluster["addons"] += ["prometheus-operator"]
ml = KubernetesFoundation("ml", {**cluster, "protect": pulumi.get_stack() == "prod"})
opts = pulumi.ResourceOptions(provider=ml.provider)

steps = {
    "canary": {"steps": [10, 50], "bake": "10m"},
    "gates": [{"error_rate": {"below": "1%"}}, {"p95": {"times_stable": 1.2}, "min_sample": 500}],
}
model = {"uri": f"models:/ranker/{config.require('version')}", "digest": config.require("digest")}
server = {"resources": {"cpu": 1, "memory_gib": 2}}
args = {"foundation": ml.shared, "model": model, "server": server, "rollout": steps, "routes": ["ranker-front-door"]}
ranker = RolloutEndpoint("ranker", {**args, "replicas": 4}, opts)

callers, limits = {"keys": ["web"]}, {"per_client": {"requests": 50}, "total": {"requests": 200}}
door = {"foundation": ml.shared, "endpoint": ranker, "callers": callers, "limits": limits}
api = GatewayFrontDoor("ranker", door, opts)
pulumi.export("url", api.url)
pulumi.export("api_keys", api.api_keys)
