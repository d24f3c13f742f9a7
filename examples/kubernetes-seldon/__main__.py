import pulumi

from modelberth.kubernetes import KubernetesFoundation
from modelberth.kubernetes.seldon import SeldonExperiment, SeldonModelEndpoint

config = pulumi.Config()
cluster = {
    "cluster": {"kubeconfig": config.require("kubeconfig"), "context": config.require("context")},
    "namespace": config.require("namespace"),
    "models": {"prefix": config.require("store"), "egress": [{"cidr": "0.0.0.0/0"}]},
    "addons": ["seldon-core-2"],
}
ml = KubernetesFoundation("ml", cluster)
opts = pulumi.ResourceOptions(provider=ml.provider)


def version(number: str, digest: str) -> dict[str, str]:
    return {"uri": f"models:/ranker/{number}", "digest": config.require(digest)}


loading = {"loading": {"requirements": ["sklearn"], "memory_gib": 0.5}, "replicas": 2}
tested = {"stable": version("1.4.0", "digest"), "candidate": version("1.5.0", "candidate"), "weight": 50}
ranker = SeldonModelEndpoint("ranker", {"foundation": ml.shared, "traffic": tested, **loading}, opts)
unseen = {"stable": version("2.0.0", "shadow")}
shadow = SeldonModelEndpoint("unseen", {"foundation": ml.shared, "traffic": unseen, **loading}, opts)

candidates = {"ranker--1-4-0": 50, "ranker--1-5-0": 50}
trial = SeldonExperiment(
    "trial",
    {"foundation": ml.shared, "candidates": candidates, "mirror": {"name": "unseen--2-0-0", "percent": 100}},
    pulumi.ResourceOptions(provider=ml.provider, depends_on=[ranker, shadow]),
)
pulumi.export("url", trial.url)
pulumi.export("headers", trial.headers)
