"""What KServe, Knative or KEDA would refuse or ignore of an InferenceService, said before anything is deployed.

Rules of one field, or of one part, stand there; these are of several. Their sources:
KServe: kserve/kserve@v0.16.0:pkg/apis/serving/v1beta1 (inference_service_validation.go, component.go, …),
Knative: knative.dev/serving@v0.47.0:pkg/apis/serving (k8s_validation.go, fieldmask.go).
"""

from collections.abc import Iterator
from typing import TYPE_CHECKING

from modelberth.core.traffic import WHOLE
from modelberth.kubernetes.addons import Addon
from modelberth.kubernetes.foundation import needs
from modelberth.kubernetes.kserve.knative import needed_features
from modelberth.kubernetes.kserve.modes import Knative
from modelberth.kubernetes.kserve.ports import AGENT_PORT, KNATIVE_OWN, is_visible, request_port
from modelberth.kubernetes.kserve.scalers import Keda, PrometheusTrigger
from modelberth.runtimes import load

if TYPE_CHECKING:
    from modelberth.kubernetes.kserve.config import InferenceServiceEndpointArgs

    Args = InferenceServiceEndpointArgs

# predictor_custom.go: the first makes KServe fetch a model, the second must be v1 or v2, the third loads many models.
OF_KSERVE = ("STORAGE_URI", "PROTOCOL", "MULTI_MODEL_SERVER")
OF_KNATIVE = ("PORT", "K_SERVICE", "K_CONFIGURATION", "K_REVISION")
"""Environment variables that mean something to them. Source: KServe's constants.go, Knative's reservedEnvVars."""
GRACE = 5
"""Seconds that `pods.py` adds to the time in which a server ends its requests."""
FETCHED = ("s3://", "gs://")
"""From where KServe fetches, of what a foundation can name. Source: KServe's inferenceservice/utils/utils.go,
SupportedStorageURIPrefixList; https is there too, but no version can be seen in a web address."""


WHOLLY = (
    f"the candidate has {WHOLE} percent, at which Knative takes the stable version's pods away, so that a step back "
    "would find none; make the candidate the stable version in the rollouts file, or give it less"
)
"""Source: knative.dev/serving@v0.47.0:pkg/apis/autoscaling/v1alpha1/pa_lifecycle.go; see `rollout.py`."""


def faults(args: "Args") -> Iterator[str]:
    """One clause for each thing that cannot be. Pure."""
    yield from _one_predictor(args)
    yield from _installed(args)
    if (args.server is None) != (args.runtime is None):
        yield from _environment(args)
        yield from _ports(args)
        yield from _of_knative(args)
        yield from _of_runtime(args)
        yield from _batches(args)
        yield from _watched(args)
        yield from _private(args)


def _one_predictor(args: "Args") -> Iterator[str]:
    """KServe: component.go, validateExactlyOneImplementation."""
    if (args.server is None) == (args.runtime is None):
        got = "neither" if args.server is None else "both"
        yield f"{got} of server and runtime is given; give one: a model server of this library, or one of KServe's"


def _installed(args: "Args") -> Iterator[str]:
    wanted: list[tuple[Addon, str]] = [("kserve", "an InferenceService")]
    if isinstance(args.mode, Knative):
        wanted.append(("knative", "mode knative"))
    elif isinstance(args.mode.scaling, Keda):
        wanted.append(("keda", "mode.scaling by keda"))
        asks = any(isinstance(each, PrometheusTrigger) for each in args.mode.scaling.triggers)
        if asks and args.foundation.prometheus is None:
            yield "mode.scaling has a prometheus trigger, and foundation.prometheus is not given; name it there"
    yield from filter(None, (needs(args.foundation, addon, what) for addon, what in wanted))
    yield from _meshed(args)


def _meshed(args: "Args") -> Iterator[str]:
    """A mesh lets in who is named, and that are the gateway and the callers; see `mesh.py`."""
    others = {"mode knative": args.mode.kind == "knative", "transformer": args.transformer, "explainer": args.explainer}
    named = [name for name, is_there in others.items() if is_there]
    if args.foundation.mesh is not None and named:
        fix = "leave it out, or foundation.mesh"
        yield f"{named[0]} is given, and the mesh lets in the gateway and the callers only; {fix}"


def _environment(args: "Args") -> Iterator[str]:
    kept = (*OF_KSERVE, *(OF_KNATIVE if args.mode.kind == "knative" else ()))
    parts = {
        "server": args.server,
        "runtime": args.runtime,
        "transformer": args.transformer,
        "explainer": args.explainer,
    }
    for part, of in parts.items():
        taken = [name for name in kept if of is not None and name in of.environment]
        if taken:
            yield f"{part}.environment has {', '.join(taken)}, which KServe and Knative use themselves; rename it"


def _ports(args: "Args") -> Iterator[str]:
    """Knative: validateContainerPortBasic. KServe: its sidecar shares the pod's network."""
    _, port = request_port(args)
    if args.mode.kind == "knative" and port in KNATIVE_OWN:
        kept = ", ".join(map(str, KNATIVE_OWN))
        yield f"server takes requests on port {port}, and Knative keeps {kept} for itself; let it listen elsewhere"
    if port == AGENT_PORT and (args.logger is not None or args.batcher is not None):
        yield f"server takes requests on port {port}, where KServe's logger and batcher are; let it listen elsewhere"


def _of_knative(args: "Args") -> Iterator[str]:
    if not isinstance(args.mode, Knative):
        return
    if args.traffic.candidate is not None and args.traffic.weight == WHOLE:
        yield f"traffic.weight: {WHOLLY}"
    missing = sorted(needed_features(args).difference(args.mode.features))
    if missing:
        names = ", ".join(f"kubernetes.{feature}" for feature in missing)
        yield f"the pods need {names}; enable it in Knative's config-features and name it in mode.features"
    if args.server is not None and args.server.drain_seconds + GRACE > args.mode.timeout_seconds:
        # Knative: pkg/reconciler/revision/resources/deploy.go, which takes the timeout for the time to end.
        most = args.mode.timeout_seconds
        got = f"server.drain_seconds is {args.server.drain_seconds:g}, and a pod of Knative has {most} s to end"
        yield f"{got}, less {GRACE}; lower it, or raise mode.timeout_seconds"


def _of_runtime(args: "Args") -> Iterator[str]:
    if args.runtime is None:
        return
    store = args.foundation.models
    if store.oci is None and not (store.prefix or "").startswith(FETCHED):
        got = "an mlflow server" if store.mlflow is not None else f"a {(store.prefix or '').partition(':')[0]} address"
        yield f"foundation.models is {got}, from which KServe cannot fetch; take s3, gs or oci, or server, not runtime"
    if store.credentials is not None:
        why = "and KServe takes its credentials from the service account only"
        yield f"foundation.models.credentials is given, {why}; give the account a role, or take server, not runtime"
    if store.oci is not None and args.runtime.cache is not None:
        # KServe: localmodel keeps what the storage initializer fetches, and images are not fetched by it.
        yield "runtime.cache is given, and foundation.models is oci, which nodes keep anyway; leave it out"


def _batches(args: "Args") -> Iterator[str]:
    """KServe: pkg/batcher/handler.go answers 400 to what holds no `instances`."""
    if args.batcher is None:
        return
    spoken = args.runtime.protocol if args.runtime is not None else ", ".join(load(args.server.runtime).protocols)  # type: ignore[union-attr]
    if "tfserving-rest" not in spoken and spoken != "v1":
        yield f"batcher puts `instances` together, and the server speaks {spoken}; leave it out"


def _watched(args: "Args") -> Iterator[str]:
    if args.slo is None:
        return
    if args.runtime is not None:
        yield "slo is given, and what KServe's runtimes measure is not known here; leave it out, or take server"
    elif not is_visible(args):
        yield "slo is given, and Knative's pods show only the port for requests, where no metrics are; leave it out"


def _private(args: "Args") -> Iterator[str]:
    """Our own rule: kserve-payload-logger-privacy."""
    if args.logger is None:
        return
    said = None if args.labels is None else args.labels.data_classification
    if said is None:
        yield "logger is given, and labels.data_classification is not; say how sensitive the requests are"
    elif said not in ("public", "internal"):
        yield f"logger is given, and the data is {said}; only public and internal requests may be copied"
