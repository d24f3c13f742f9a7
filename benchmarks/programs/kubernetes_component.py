"""As many services in a cluster as the configuration says, through the component: each of two versions, scaled."""

from typing import Any

import pulumi

from modelberth.kubernetes.deployment.endpoint import DeploymentEndpoint
from modelberth.kubernetes.foundation import Foundation

FOUNDATION = {
    "cluster": {"kubeconfig": "kubeconfig", "context": "models"},
    "namespace": "models",
    "models": {"prefix": "s3://models/prod", "egress": [{"cidr": "10.0.0.0/8"}]},
    "images": {"serving": f"ghcr.io/acme/serving@sha256:{'0' * 64}"},
    "addons": ["gateway-api"],
    "gateway": {"name": "models", "namespace": "models", "hostname": "models.example.com"},
}


def endpoint_args(shared: Foundation, number: int) -> dict[str, Any]:
    """One service as a production team asks for it, in the middle of a rollout."""
    name = f"ranker-{number}"
    stable, candidate = (
        {"uri": f"models:/{name}/{version}", "digest": f"sha256:{number:064x}"} for version in ("1.4.0", "1.5.0")
    )
    return {
        "foundation": shared,
        "traffic": {"stable": stable, "candidate": candidate, "weight": 10},
        "server": {"resources": {"cpu": 2, "memory_gib": 4}},
        "scaling": {"min_replicas": 2, "max_replicas": 8, "cpu": "70%"},
        "labels": {
            "owner": "search",
            "environment": "prod",
            "cost_centre": "4711",
            "service": name,
            "model": name,
            "version": "1.4.0",
            "data_classification": "internal",
        },
    }


def main() -> None:
    """Makes them."""
    foundation = Foundation.parse(FOUNDATION, "foundation")
    for number in range(pulumi.Config().require_int("services")):
        ranker = DeploymentEndpoint(f"ranker-{number}", endpoint_args(foundation, number))
        pulumi.export(f"ranker-{number}", {"url": ranker.url, "versions": ranker.versions})


if __name__ == "__main__":
    main()
