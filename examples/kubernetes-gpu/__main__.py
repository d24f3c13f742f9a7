import pulumi

from modelberth.kubernetes import KubernetesFoundation
from modelberth.kubernetes.deployment import DeploymentEndpoint

config = pulumi.Config()
l4 = {
    "node_selector": {"nvidia.com/gpu.product": "NVIDIA-L4"},
    "spot": {"karpenter.sh/capacity-type": "spot"},
    "per_node": 1,
}
cluster = {
    "cluster": {"kubeconfig": config.require("kubeconfig"), "context": config.require("context")},
    "namespace": {"name": config.require("namespace"), "identity": {"role_arn": config.require("role")}},
    "models": {"prefix": config.require("store"), "egress": [{"cidr": "0.0.0.0/0"}], "fetched_gib": 20},
    "images": {"serving": config.require("serving")},
    "addons": ["keda"],
    "accelerators": {"l4": l4},
}
ml = KubernetesFoundation("ml", {**cluster, "protect": pulumi.get_stack() == "prod"})

waiting = {"sqs": {"url": config.require("queue"), "region": config.require("region"), "per_pod": 20}}
args = {
    "foundation": ml.shared,
    "traffic": {"stable": {"uri": "models:/captions/2.0.0", "digest": config.require("digest")}},
    "server": {
        "resources": {"cpu": 4, "memory_gib": 16},
        "devices": {"accelerator": l4, "count": 1},
        "environment": {"QUEUE_URL": config.require("queue")},
        "load_seconds": 900,
    },
    "scaling": {"min_replicas": 2, "max_replicas": 6, "keda": {"triggers": [waiting], "idle_replicas": 0}},
}
captions = DeploymentEndpoint("captions", args, pulumi.ResourceOptions(provider=ml.provider))
pulumi.export("versions", captions.versions)
