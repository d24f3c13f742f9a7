"""What a route before an endpoint needs to know, in the words of the Gateway API and of Envoy Gateway."""

from typing import Annotated, Literal, Self

from pydantic import Field, StringConstraints, field_validator, model_validator

from modelberth.core.config import Config
from modelberth.core.labels import Labels
from modelberth.core.quantities import Seconds
from modelberth.kubernetes.backends import RoutedEndpoint
from modelberth.kubernetes.foundation import Foundation
from modelberth.kubernetes.gateway.callers import CLIENT_HEADER, Callers
from modelberth.kubernetes.gateway.faults import faults_before, faults_of_door
from modelberth.kubernetes.gateway.keys import KEY_HEADER
from modelberth.kubernetes.gateway.rate_limit import Limits
from modelberth.kubernetes.names import DnsName

VERSION_HEADER = "x-model-version"
"""The header that says which version answered; with `split_by: header`, also in which one is asked for."""

_LABEL = r"[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?"
HostName = Annotated[str, StringConstraints(pattern=rf"^({_LABEL}\.)+{_LABEL}$", max_length=253)]
"""A name in the domain name system, in lower case, without a wildcard."""

Path = Annotated[str, StringConstraints(pattern=r"^(/[a-z0-9][a-z0-9._~-]*)+$", max_length=253)]
"""`/models/ranker`: parts that begin with a letter or a digit, so that none is `..`, and no slash at the end.
Source: sigs.k8s.io/gateway-api@v1.4.0:config/crd/standard/gateway.networking.k8s.io_httproutes.yaml"""

HeaderName = Annotated[str, StringConstraints(pattern=r"^[a-z0-9]+(-[a-z0-9]+)*$", max_length=100)]
"""A header in lower case. One with an underscore would be refused by the gateway, which takes it for an attack."""

TAKEN = (CLIENT_HEADER, KEY_HEADER, "authorization", "host")
"""Headers that mean something else."""


class Internet(Config):
    """A service that strangers can reach. Whether they reach the gateway itself is the platform's."""

    reason: Annotated[str, Field(min_length=10)]
    """Why. It stands on the route."""

    auth: Literal["keys", "jwt", "none"]
    """How callers are told apart: one of those in `callers`; `none` where everybody may call."""


class GraphQl(Config):
    """A GraphQL server at one path. It takes what `limits.max_body_kib` allows, as everything else."""

    path: Path = "/graphql"
    """Where the model server has it, and where it is under the service's path. Left out: /graphql."""

    get: bool = True
    """Whether queries may come by GET, too. Left out: yes. All other methods get 405 there."""


class Routing(Config):
    """Under which address requests come, and how they are passed on."""

    path: Path | None = None
    """Beginning of the address's path; the model server does not see it. HTTP only. Left out: `/<service>`."""

    hostname: HostName | None = None
    """Host name. Left out: the gateway's; over gRPC there must be one, as HTTP and gRPC may not share a host name.
    Source: https://gateway-api.sigs.k8s.io/geps/gep-1016/#cross-serving"""

    listener: DnsName | None = None
    """The gateway's listener, an HTTPS one. Left out: the one that `foundation.gateway` names; where it names none, all
    of them, which is refused with `callers`: on an HTTP one keys and tokens would come in clear text."""

    split_by: Literal["weight", "header"] = "weight"
    """`header`: a request that names a version goes there, whatever its weight; the others are split by weights. Left
    out: all are split by weights."""

    header: HeaderName = VERSION_HEADER
    """The header that names a version. Left out: x-model-version."""

    timeout: Annotated[Seconds, Field(ge=0.001, le=86400)] = 60.0
    """How long the whole answer may take; 504 after it. Left out: a minute."""

    retries: Annotated[int, Field(ge=0, le=10)] = 2
    """How often a request is tried again that reached no pod. What a pod has seen is never sent twice. Left out: 2."""

    graphql: GraphQl | None = None
    """Left out: the path is like any other."""

    @field_validator("header")
    @classmethod
    def _free(cls, header: str) -> str:
        if header in TAKEN:
            raise ValueError(f"got {header}, which means something else already; allowed is any but {', '.join(TAKEN)}")
        return header


class FrontDoorArgs(Config):
    """A route, but for the endpoint behind it."""

    foundation: Foundation
    """Where it stands; its gateway takes the requests, Envoy Gateway or Istio checks them. With both, Envoy Gateway."""

    callers: Callers | None = None
    """Who is let in. Left out: nobody, which is refused unless `public.auth` is `none`."""

    public: Internet | None = None
    """Open to strangers. Left out: for the callers only."""

    limits: Limits = Limits()
    """How much is let through. Left out: bodies of 10 MiB, and Envoy's own limits of connections."""

    route: Routing = Routing()
    """Left out: `https://<gateway>/<service>`, split by weights."""

    labels: Labels | None = None
    """Who owns it and what it is. Left out: no labels but those that Kubernetes recommends."""

    @model_validator(mode="after")
    def _possible(self) -> Self:
        for fault in faults_of_door(self):
            raise ValueError(fault)
        return self


class GatewayFrontDoorArgs(FrontDoorArgs):
    """A route before one endpoint."""

    endpoint: RoutedEndpoint
    """What answers, with the weights of its versions."""

    @model_validator(mode="after")
    def _fitting(self) -> Self:
        for fault in faults_before(self, self.endpoint.backends):
            raise ValueError(fault)
        return self
