"""How a RayService is changed, in KubeRay's own words."""

from typing import Annotated, Literal

from pydantic import Field, StringConstraints

from modelberth.core.config import Config
from modelberth.core.quantities import Seconds
from modelberth.kubernetes.names import DnsName

LEAST_INCREMENTAL = (2, 51, 0)
"""The Ray that an incremental upgrade needs.
Source: https://docs.ray.io/en/latest/cluster/kubernetes/user-guides/rayservice-incremental-upgrade.html"""

MOST_SECONDS = 2**31 - 1
"""KubeRay counts seconds in 32 bits. Source: ray-project/kuberay@v1.5.1:ray-operator/apis/ray/v1/rayservice_types.go"""


class NewCluster(Config):
    """A whole new cluster, and all requests to it once it is ready: for a while there are twice the pods, and GPUs.
    Source: https://github.com/ray-project/kuberay/issues/2274"""

    kind: Literal["NewCluster"] = "NewCluster"
    """Told apart by it."""


class InPlace(Config):
    """The application alone is changed, in the cluster that there is. Whatever changes its pods, the version of the
    model too, is ignored until the service is made anew."""

    kind: Literal["None"] = "None"
    """Told apart by it."""


class IncrementalUpgrade(Config):
    """A new cluster that grows as the old one shrinks, while a Gateway of KubeRay's own moves the requests.

    Only through that Gateway, `<name>-gateway`, is it reached: each cluster has a Service of its own, and no route of
    ours can stand before them. It speaks plain HTTP, and its pods must be among the callers.

    Needs KubeRay 1.5 with the feature gate RayServiceIncrementalUpgrade, Ray 2.51 and a Gateway API controller.
    Source: https://docs.ray.io/en/latest/cluster/kubernetes/user-guides/rayservice-incremental-upgrade.html
    """

    kind: Literal["NewClusterWithIncrementalUpgrade"] = "NewClusterWithIncrementalUpgrade"
    """Told apart by it."""

    gateway_class_name: DnsName
    """The class of the Gateway that KubeRay makes."""

    address: Annotated[str, StringConstraints(pattern=r"^http://\S+[^/\s]$")]
    """How that Gateway is reached, which its controller decides. With Istio: `http://ranker-gateway-istio.models.svc`.
    """

    step_percent: Annotated[int, Field(ge=1, le=100)]
    """Share of the requests that moves at each step, in percent."""

    interval: Annotated[Seconds, Field(ge=1, le=MOST_SECONDS)]
    """How long each step lasts."""

    surge_percent: Annotated[int, Field(ge=1, le=100)] = 100
    """Capacity that is added before each step, in percent of the whole. Left out: 100, twice the pods."""


Upgrade = Annotated[NewCluster | InPlace | IncrementalUpgrade, Field(discriminator="kind")]
