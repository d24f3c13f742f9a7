"""What our traffic is to KServe: which InferenceServices there are, and who splits requests between versions.

Standard: KServe ignores `canaryTrafficPercent` there (kserve#5335, kserve#4074), so each version is an InferenceService
of its own, `ranker--1-4-0`, and the route of the front door splits between their Services.

Knative: there is one InferenceService, `ranker-knative`, and a version is a revision of it. KServe makes a Service of
the InferenceService's name, which points to Knative's ingress; under `ranker` it would take over the Service that plain
Deployments have there, and take it along when it goes, where a service changes from one to the other. The object holds
the candidate's spec as long as there is a candidate, else the stable version's. KServe sends `canaryTrafficPercent` of
the requests to the newest ready revision and the rest to the one that had all of them last (status
`latestRolledoutRevision`); at 0 the newest is up, under the host name that begins with `latest-`, and gets nothing.
Three things follow:
- The stable version must have been up alone before it gets a candidate: where no revision had all requests yet, KServe
  gives all of them to the candidate, whatever the percentage.
- A candidate is not given 100 by weight, which is refused: KServe would then route to the newest revision alone, and
  Knative takes the pods of a revision that no route names, whatever `min-scale` says, so a step back to 0 would find
  none. Name it stable: its pods stay, and it gets all requests.
- A candidate that is taken back leaves a new revision of the stable version's spec to come up; until it is ready the
  newest ready revision is still the candidate's, and callers in the cluster reach that. Set its weight to 0 and its
  callers aside first, or go through the front door, whose Services find pods by their version.
Source: kserve/kserve@v0.16.0:pkg/controller/v1beta1/inferenceservice/reconcilers/knative/ksvc_reconciler.go,
reconcilers/ingress/ingress_reconciler.go and pkg/apis/serving/v1beta1/inference_service_status.go, PropagateStatus;
knative.dev/serving@v0.47.0:pkg/apis/autoscaling/v1alpha1/pa_lifecycle.go, ScaleBounds.
"""

from modelberth.core.errors import ConfigError, Fault
from modelberth.core.model import ModelVersion
from modelberth.core.traffic import WHOLE, versions_of
from modelberth.kubernetes.backends import Backend, backends_of
from modelberth.kubernetes.kserve.config import InferenceServiceEndpointArgs, runs_on_knative
from modelberth.kubernetes.kserve.ports import entry_of, request_port
from modelberth.kubernetes.manifest import VERSION_MARK, slug, unnameable
from modelberth.kubernetes.services import PORTS

LONGEST = 63
KNATIVE_SUFFIX = "-knative"
"""What keeps the names that KServe makes for Knative apart from those of plain Deployments."""


def service_names(args: InferenceServiceEndpointArgs, name: str) -> dict[str, str]:
    """Version to the name of the InferenceService that serves it. Pure."""
    versions = versions_of(args.traffic)
    if runs_on_knative(args) is not None:
        return {written(args).version: on_knative(name)}
    return {version: versioned(name, version) for version in versions}


def on_knative(name: str) -> str:
    """The name of the InferenceService of a service that Knative runs: `ranker-knative`."""
    return f"{name}{KNATIVE_SUFFIX}"


def versioned(name: str, version: str) -> str:
    """The name of what one version has: `ranker--1-4-0`."""
    return f"{name}{VERSION_MARK}{slug(version)}"


def written(args: InferenceServiceEndpointArgs) -> ModelVersion:
    """The version whose spec an InferenceService with revisions holds: the candidate, where there is one."""
    return args.traffic.stable if args.traffic.candidate is None else args.traffic.candidate


def canary_percent(args: InferenceServiceEndpointArgs) -> int:
    """The share of the newest revision."""
    return WHOLE if args.traffic.candidate is None else args.traffic.weight


def entry_services(args: InferenceServiceEndpointArgs, name: str) -> dict[str, str]:
    """Version to the Service before the pods that take its requests. Pure.

    Knative's own Services lead to its ingress, which a route cannot take as a backend, so there they are ours.
    """
    if runs_on_knative(args) is not None:
        return {version: versioned(name, version) for version in versions_of(args.traffic)}
    return {version: f"{service}-{entry_of(args)}" for version, service in service_names(args, name).items()}


def route_backends(args: InferenceServiceEndpointArgs, name: str) -> dict[str, Backend]:
    """Version to what answers for it, for the route of the front door. Pure."""
    backends = backends_of(args.traffic, entry_services(args, name).__getitem__, PORTS["http"])
    if args.transformer is not None or request_port(args)[0] != "grpc":
        return backends
    return {version: backend.model_copy(update={"protocol": "grpc"}) for version, backend in backends.items()}


def check_name(args: InferenceServiceEndpointArgs, name: str) -> None:
    """Raises `ConfigError` for a name that is too long for what KServe and Knative append to it, or none for them.

    A label's value and a Service's name have 63 characters at most.
    Source: kserve/kserve@v0.16.0:pkg/apis/serving/v1beta1/inference_service_validation.go,
    validateInferenceServiceName; pkg/constants/constants.go, GetRawServiceLabel. Knative's Services are named after a
    revision.
    """
    for version in versions_of(args.traffic):
        if why := unnameable(name, version):
            raise ConfigError([Fault("traffic", *why)], name)
    parts = [part for part, of in (("transformer", args.transformer), ("explainer", args.explainer)) if of is not None]
    part = max(("predictor", *parts), key=len)
    before, after = ("", f"-{part}-00001-private") if runs_on_knative(args) is not None else ("isvc.", f"-{part}")
    full = f"{before}{max(service_names(args, name).values(), key=len)}{after}"
    if len(full) > LONGEST:
        what = f"KServe makes {full} of it, with {len(full)} characters; at most {LONGEST} are allowed"
        raise ConfigError([Fault("name", what, f"shorten it by {len(full) - LONGEST}")], name)
    if not name[0].isalpha():
        raise ConfigError([Fault("name", "begins with a digit, and KServe wants a letter", "put one before it")], name)
