import pulumi

from modelberth.kubernetes import KubernetesFoundation
from modelberth.kubernetes.registry import MlflowRegistry

config, prod = pulumi.Config(), pulumi.get_stack() == "prod"
cluster = {
    "cluster": {"kubeconfig": config.require("kubeconfig"), "context": config.require("context")},
    "namespace": {"name": config.require("namespace"), "identity": {"role_arn": config.require("role")}},
    "models": {"prefix": config.require("artifacts")},
}
ml = KubernetesFoundation("ml", {**cluster, "protect": prod})

registry = MlflowRegistry(
    "registry",
    {
        "foundation": ml.shared,
        "image": config.require("mlflow"),
        "database": {
            "host": config.require("database"),
            "password": config.require_secret("password"),
            "reached": [{"cidr": config.require("addresses"), "ports": [5432]}],
        },
        "artifacts": {"destination": config.require("artifacts"), "egress": [{"cidr": "0.0.0.0/0"}]},
        "resources": {"cpu": 1, "memory_gib": 2},
        "callers": {"namespaces": ["training"]},
        "default_permission": "NO_PERMISSIONS",
        "protect": prod,
    },
    pulumi.ResourceOptions(provider=ml.provider),
)
pulumi.export("url", registry.url)
pulumi.export("admin_user", registry.admin_user)
pulumi.export("admin_password", registry.admin_password)
