"""What the tests of a front door stand on: a foundation, an endpoint that answers nothing, and a plan of both."""

import json

import pulumi

from modelberth.core.endpoint import MetricQuery
from modelberth.kubernetes.backends import Backend
from modelberth.kubernetes.foundation import Foundation
from modelberth.kubernetes.gateway.config import FrontDoorArgs
from modelberth.kubernetes.gateway.front_door import GatewayFrontDoor, objects_of
from modelberth_policies.sources.program import run_in_process

ENVOY = ("envoy-gateway", "envoy-ratelimit")
ISTIO = ("istio",)
GATEWAY = {"name": "public", "namespace": "gateways", "hostname": "models.example.com", "listener": "https"}
JWT = {
    "issuer": "https://login.example.com",
    "audiences": ["models"],
    "jwks": "https://login.example.com/keys",
}
KEY_SET = {"keys": [{"kty": "RSA", "kid": "1", "alg": "RS256", "n": "sXch", "e": "AQAB"}]}
OPEN = {"reason": "shown at the fair", "auth": "none"}
LABELS = {
    "owner": "search", "environment": "dev", "cost_centre": "4711", "service": "ranker", "model": "ranker",
    "version": "1.4.0", "data_classification": "internal",
}  # fmt: skip
QUERY = MetricQuery(language="prometheus", source="http://prometheus", query="up", unit="share")
KEYS = {"web": "k" * 43, "batch": "b" * 43}


def foundation(*addons, namespace="models", gateway=GATEWAY):
    """A foundation with these add-ons; Envoy Gateway with its rate limit service where none is named."""
    made = Foundation.parse(
        {
            "cluster": {"kubeconfig": "kubeconfig", "context": "test"},
            "namespace": namespace,
            "models": {"prefix": "s3://models/prod"},
            **({} if gateway is None else {"gateway": gateway}),
        }
    )
    # Not parsed: the list of known add-ons is the foundation's to keep. A list, as Pulumi records no sets.
    return made.model_copy(update={"addons": tuple(sorted(addons or ENVOY))})


def backends(protocol="http", **weights):
    """Version to backend: `stable=90, candidate=10`; `mirror` is the candidate's copy of requests."""
    mirror = weights.pop("mirror", 0)
    shares = weights or {"stable": 100}
    versions = {"stable": "1.4.0", "candidate": "1.5.0"}
    return {
        versions[name]: Backend(
            service=f"ranker--{versions[name].replace('.', '-')}",
            port=80,
            protocol=protocol,
            weight=weight,
            mirror=mirror if name == "candidate" else 0,
        )
        for name, weight in shares.items()
    }


def door(**fields):
    """The arguments of a front door."""
    return FrontDoorArgs.parse({"foundation": foundation(), **fields})


def made(before=None, **fields):
    """Resource name to object."""
    args = door(**fields)
    wanted = {} if args.callers is None else {name: KEYS.get(name, "x" * 43) for name in args.callers.keys}
    remote = args.callers is None or args.callers.jwt is None or args.callers.jwt.jwks.startswith("https:")
    return objects_of(args, before or backends(), "ranker", wanted, None if remote else json.dumps(KEY_SET))


class Endpoint(pulumi.ComponentResource):
    """Anything that a route can stand before."""

    def __init__(self, before=None):
        super().__init__("test:index:Endpoint", "ranker")
        self.backends = before or backends(stable=90, candidate=10)
        self.url = pulumi.Output.from_input("http://ranker.models.svc:80")
        self.resource_id = pulumi.Output.from_input("models/ranker")
        self.versions = pulumi.Output.from_input({"1.4.0": 100, "1.5.0": 0})
        self.metrics = pulumi.Output.from_input({"error_rate": QUERY})
        self.protocols = ("rest-predict",)
        self.traffic_control = "stepped"
        self.api_keys = pulumi.Output.from_input({})
        self.ca_certificate_file = None


def planned(before=None, **fields):
    """The plan of one front door, with what it says of itself as outputs."""

    def program():
        made = GatewayFrontDoor("ranker", {"endpoint": Endpoint(before), "foundation": foundation(), **fields})
        pulumi.export("url", made.url)
        pulumi.export("keys", made.api_keys)
        pulumi.export("resource_id", made.resource_id)
        pulumi.export("versions", made.versions)
        pulumi.export("metrics", made.metrics.apply(lambda found: sorted(found)))

    return run_in_process(program)
