"""What a REST API in front of an endpoint needs to know, in API Gateway's words."""

from collections.abc import Iterator
from typing import Annotated, Any, Literal, Self

from pydantic import Field, field_validator, model_validator

from modelberth.aws.api_gateway.callers import Authentication, Callers, Plan
from modelberth.aws.api_gateway.mapping import Shape, Target
from modelberth.aws.api_gateway.rate_limit import LEAST_PER_WINDOW, WINDOW_SECONDS, per_second
from modelberth.aws.api_gateway.schema import FEATURES, foreign_keywords
from modelberth.aws.foundation import Foundation
from modelberth.aws.ids import shaped
from modelberth.core.config import Config, In, is_output
from modelberth.core.endpoint import ServingEndpoint
from modelberth.core.labels import Labels
from modelberth.core.model import Version
from modelberth.core.quantities import PerSecond, Seconds, Share

STAGE = "live"
"""The one stage of an API. Each Pulumi stack has an API of its own, so the stage says nothing."""

PROTOCOL = "sagemaker-runtime"
"""What an endpoint must speak: InvokeEndpoint."""

TargetName = Annotated[
    str,
    shaped(r"[a-zA-Z0-9](-*[a-zA-Z0-9]){0,62}", "a variant; write letters, digits and hyphens, 63 at most"),
]
"""Name of a variant or of an inference component."""

CertificateArn = Annotated[
    str,
    shaped(
        r"arn:aws[a-z-]*:acm:[a-z0-9-]+:\d{12}:certificate/[^\s*]+",
        "the ARN of a certificate; write arn:aws:acm:<region>:<account>:certificate/<id>",
    ),
]
"""ARN of a certificate in ACM."""

_LABEL = r"[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?"
DomainName = Annotated[
    str,
    shaped(rf"(?=.{{1,253}}$)({_LABEL}\.)+{_LABEL}", "a domain name; write one like models.example.com, no wildcard"),
]
"""A name in the domain name system, in lower case."""


class Request(Config):
    """The body of `POST /predict`, and what becomes of it."""

    features: dict[str, Any] = Field(default_factory=lambda: dict(FEATURES))
    """JSON schema (draft 4) of `features`; what does not fit gets 400 and costs no prediction. Left out: a list with
    something in it."""
    shape: Shape = "features"
    """The body that the model server takes. Left out: our own server's."""
    timeout: Annotated[Seconds, Field(ge=0.05, le=60)] = 29.0
    """How long SageMaker may take; 504 after it. Left out: 29 s. For more, the account's quota must be raised;
    SageMaker itself waits 60 s."""
    target: Target = "variant"
    """What `versions` names. Left out: variants of the endpoint."""
    default_version: Version | None = None
    """Which version answers a request that asks for none: needed where `target` is inference components, which have no
    weights. Left out: the weights of the endpoint decide."""

    @field_validator("features")
    @classmethod
    def _draft_4(cls, features: dict[str, Any]) -> dict[str, Any]:
        strange = sorted(foreign_keywords(features))
        if strange:
            raise ValueError(f"{', '.join(strange)} is not checked by API Gateway, which knows draft 4; write it out")
        return features


class Internet(Config):
    """An API that strangers can reach, behind a firewall."""

    reason: Annotated[str, Field(min_length=10)]
    """Why."""
    auth: Authentication
    """How callers are told apart: one of those in `callers`; `none` where everybody may call."""
    rate_limit: PerSecond
    """Requests per second of all callers together; 429 above it."""
    per_address: PerSecond | None = None
    """Requests per second of one address, counted over a minute; 429 above it. Left out: as `rate_limit`."""
    max_body_kib: Literal[16, 32, 48, 64] = 64
    """Longest request body, in KiB; 413 above it. Left out: 64, the most that the firewall looks at; it costs more
    above 16. Source: https://docs.aws.amazon.com/waf/latest/developerguide/web-acl-setting-body-inspection-limit.html"""


class Domain(Config):
    """A name of one's own for a public API. The API then no longer answers under its first address."""

    name: DomainName
    """`models.example.com`."""
    certificate_arn: In[CertificateArn]
    """Certificate for the name, in the API's region."""
    zone_id: In[str] | None = None
    """Route 53 zone in which the name is made. Left out: the name is made elsewhere, as an alias of `target`."""


class Alarms(Config):
    """When somebody is told."""

    errors_5xx: Share = 0.01
    """Share of requests that fail on this side. Left out: 1 %."""
    errors_4xx: Share = 0.25
    """Share of requests that are refused: a caller that is broken, or that tries keys. Left out: 25 %."""
    p95: Seconds | None = None
    """95th percentile of the latency. Left out: no alarm."""


class Logs(Config):
    """What is written down besides the access log: never a body, a key, a token or a query string."""

    execution: Literal["off", "errors"] = "errors"
    """API Gateway's own log of failed requests, never with payloads traced. A refused body's message may name the field
    or the value that did not fit: `off` where even that is too much. Left out: errors."""
    tracing: bool = False
    """Whether X-Ray gets a trace of a share of the requests: addresses and times, no bodies. Left out: no."""


class FrontDoorArgs(Config):
    """A REST API, but for the endpoint behind it."""

    foundation: Foundation
    """Account, network, key and alert channel."""
    callers: Callers | None = None
    """Who is let in. Left out: nobody, which is refused unless `public.auth` is `none`."""
    public: Internet | None = None
    """Open to strangers. Left out: private, through the network's own endpoint for APIs."""
    rate_limit: PerSecond | None = None
    """Requests per second of all callers of a private API together; 429 above it. A public one says it in `public`.
    Left out: what the account allows all its APIs together."""
    versions: dict[Version, TargetName] = Field(default_factory=dict)
    """Version to the variant (or inference component) that serves it; a request for another one gets 400. Left out: the
    weights of the endpoint decide, and the model server checks the version if it is ours."""
    request: Request = Request()
    """Body, shape and timeout."""
    domain: Domain | None = None
    """Left out: the address that API Gateway gives."""
    alarms: Alarms = Alarms()
    """Left out: alarms with their documented defaults."""
    logs: Logs = Logs()
    """Left out: the log of failed requests, no traces. All logs are kept as the foundation says."""
    labels: Labels | None = None
    """Who owns it and what it is; tags of everything. Left out: none."""

    @model_validator(mode="after")
    def _possible(self) -> Self:
        for fault in _faults(self):
            raise ValueError(fault)
        return self


class RestFrontDoorArgs(FrontDoorArgs):
    """A REST API in front of one endpoint."""

    endpoint: ServingEndpoint
    """What answers: anything that speaks InvokeEndpoint, with the ARN of a SageMaker endpoint as `resource_id`."""

    @field_validator("endpoint")
    @classmethod
    def _invoked(cls, endpoint: ServingEndpoint) -> ServingEndpoint:
        if PROTOCOL not in endpoint.protocols:
            raise ValueError(f"it speaks {', '.join(endpoint.protocols) or 'nothing'}; allowed: {PROTOCOL}")
        return endpoint


def _faults(args: FrontDoorArgs) -> Iterator[str]:
    yield from _entrance(args)
    yield from _limits(args)
    if args.public is not None:
        yield from _strangers(args.public, args.callers)
    yield from _choice(args)
    if args.domain is not None:
        yield from _name(args.domain, args)


def _entrance(args: FrontDoorArgs) -> Iterator[str]:
    if args.callers is None and (args.public is None or args.public.auth != "none"):
        yield "nobody is let in; give callers"
    if args.public is None and args.foundation.network.api_endpoint_id is None:
        yield (
            "the API is private, and foundation.network.api_endpoint_id, through which it is called, is left out; "
            "add the interface endpoint of execute-api, or give public"
        )


def _strangers(public: Internet, callers: Callers | None) -> Iterator[str]:
    known = ("none",) if callers is None else callers.authentications
    if public.auth not in known:
        yield f"public.auth is {public.auth}, and callers has {' and '.join(known)}; write that, or change callers"
    total, address = public.rate_limit, public.per_address
    if address is not None and address > total:
        yield f"public.per_address is {per_second(address)}, above rate_limit {per_second(total)}; lower it"
    if address is not None and address * WINDOW_SECONDS < LEAST_PER_WINDOW:
        least = f"{LEAST_PER_WINDOW} in {WINDOW_SECONDS} s"
        yield f"public.per_address is {per_second(address)}; the firewall counts from {least} on; raise it"


def _limits(args: FrontDoorArgs) -> Iterator[str]:
    if args.public is not None and args.rate_limit is not None:
        yield "rate_limit is for a private API, and this one is public; say it in public.rate_limit alone"
    where, total = (
        ("rate_limit", args.rate_limit) if args.public is None else ("public.rate_limit", args.public.rate_limit)
    )
    for name, plan in _plans(args.callers).items():
        if total is not None and plan.rate is not None and plan.rate.per_key > total:
            got = f"callers.{name}.rate.per_key is {per_second(plan.rate.per_key)}"
            yield f"{got}, above {where} {per_second(total)}; lower it"


def _plans(callers: Callers | None) -> dict[str, Plan]:
    if callers is None:
        return {}
    own = {f"plans.{name}": plan for name, plan in callers.plans.items()}
    return own if callers.plan is None else {"plan": callers.plan, **own}


def _choice(args: FrontDoorArgs) -> Iterator[str]:
    default = args.request.default_version
    if args.request.target == "variant":
        if default is not None:
            yield "request.default_version would undo the weights of the variants; leave it out"
    elif default is None or default not in args.versions:
        have = ", ".join(args.versions) or "none"
        yield f"request.default_version must be one of versions ({have}), as inference components have no weights"


def _name(domain: Domain, args: FrontDoorArgs) -> Iterator[str]:
    if args.public is None:
        yield "domain is for a public API; every network would have to be joined to a private name; leave it out"
    region = args.foundation.account.region
    if not is_output(domain.certificate_arn) and f":{region}:" not in str(domain.certificate_arn):
        yield f"domain.certificate_arn is of another region; the API is in {region}; take a certificate from there"
