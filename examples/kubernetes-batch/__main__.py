import pulumi

from modelberth.kubernetes import KubernetesFoundation
from modelberth.kubernetes.batch import BatchInference

config = pulumi.Config()
cluster = {
    "cluster": {"kubeconfig": config.require("kubeconfig"), "context": config.require("context")},
    "namespace": {"name": config.require("namespace")},
    "models": {"prefix": config.require("store"), "egress": [{"cidr": "0.0.0.0/0"}]},
    "images": {"serving": config.require("serving")},
    "addons": ["kueue"],
}
ml = KubernetesFoundation("ml", {**cluster, "protect": pulumi.get_stack() == "prod"})

nightly = BatchInference(
    "nightly",
    {
        "foundation": ml.shared,
        "model": {"uri": "models:/ranker/1.4.0", "digest": config.require("digest")},
        "input": config.require("tables"),
        "output": config.require("predictions"),
        "resources": {"cpu": 2, "memory_gib": 4},
        "shards": {"count": 16, "parallel": 4, "retries": 2},
        "timing": {
            "schedule": {"cron": "0 3 * * *", "time_zone": "Europe/Berlin"},
            "deadline": "3h",
            "queue": "nightly",
        },
    },
    pulumi.ResourceOptions(provider=ml.provider),
)
pulumi.export("cron_job", nightly.resource_id)
