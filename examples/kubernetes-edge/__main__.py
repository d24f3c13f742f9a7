import pulumi

from modelberth.kubernetes import KubernetesFoundation
from modelberth.kubernetes.edge import EdgeEndpoint

config = pulumi.Config()
k3s = {
    "cluster": {"kubeconfig": config.require("kubeconfig"), "context": config.require("context")},
    "namespace": {"name": config.require("namespace")},
    "models": {"oci": "packed.invalid/models"},
}
box = KubernetesFoundation("box", {**k3s, "protect": pulumi.get_stack() == "prod"})

ranker = EdgeEndpoint(
    "ranker",
    {
        "foundation": box.shared,
        "model": {"uri": "models:/ranker/1.4.0", "digest": config.require("digest")},
        "server": {"image": config.require("packed"), "resources": {"cpu": 0.5, "memory_gib": 0.5}},
        "files": "image",
        "forwarding": {
            "image": config.require("vector"),
            "to": config.require("metrics"),
            "reached": [{"cidr": config.require("addresses"), "ports": [443]}],
            "box": config.require("box"),
        },
        "callers": {"namespaces": ["till"]},
    },
    pulumi.ResourceOptions(provider=box.provider),
)
pulumi.export("url", ranker.url)
