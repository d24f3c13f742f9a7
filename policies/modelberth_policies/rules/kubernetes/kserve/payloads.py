"""Requests and answers that KServe copies to a sink."""

from collections.abc import Iterator, Mapping

from modelberth_policies.resources import GAP
from modelberth_policies.rule import Category, Severity, graph_rule
from modelberth_policies.rules.counts import count
from modelberth_policies.rules.kubernetes.asking import say_all
from modelberth_policies.rules.kubernetes.kserve.components import INFERENCE_SERVICE, components_of
from modelberth_policies.rules.kubernetes.pods import role_of
from modelberth_policies.subject import Stack, Subject
from modelberth_policies.tags import classification_of

_URL = "logger.url"
_ENCRYPTED = ("https", "s3", "gs")
"""Schemes that are encrypted on the way; the last two are KServe's own writers to a bucket."""
_RETENTION = "retention-days"


@graph_rule(
    "kserve-payload-logger-privacy",
    Severity.HIGH,
    Category.PRIVACY,
    INFERENCE_SERVICE,
    frameworks=("GDPR 5", "GDPR 32"),
    why="The logger sends every request to somebody else, who keeps it for as long as nobody says otherwise.",
    fix="Send it to the cluster or over https; label the service data-classification and annotate it retention-days.",
    over=components_of,
)
def kserve_payload_logger_privacy(component: Subject, stack: Stack) -> Iterator[str]:
    if component.present("logger"):
        yield from say_all(
            _sink_faults(component),
            _retention_faults(component.root),
            _classification_faults(component, stack),
        )


def _sink_faults(component: Subject) -> Iterator[str]:
    """A sink that is left out is the broker of the cluster."""
    url = component.text(_URL)
    scheme, _, rest = url.partition("://")
    host = rest.partition("/")[0].partition(":")[0]
    if not url or scheme in _ENCRYPTED or (scheme == "http" and _is_in_cluster(host)):
        return
    if GAP in url:
        component.value(_URL)
    yield f"logs what its {role_of(component)} is asked to {component.show(_URL)}, outside the cluster and not by https"


def _is_in_cluster(host: str) -> bool:
    """`sink`, `sink.team.svc`, `sink.team.svc.cluster.local`: names that only the cluster's DNS knows."""
    return bool(host) and ("." not in host or host.endswith((".svc", ".svc.cluster.local")))


def _retention_faults(service: Subject) -> Iterator[str]:
    most = service.limits.data.retention_days
    for where in ("metadata.annotations", "metadata.labels"):
        given = service.value(where)
        keys = [key for key in given if _is_retention(key)] if isinstance(given, Mapping) else []
        for key in keys:
            path = f'{where}["{key}"]'
            days = count(service, path)
            if days is None or days > most:
                yield f"keeps logged requests for {service.show(path)} days; the most is {most}"
            return
    yield f"logs requests without saying for how long they are kept (annotation {_RETENTION})"


def _is_retention(key: object) -> bool:
    return isinstance(key, str) and key.rpartition("/")[2] == _RETENTION and '"' not in key


def _classification_faults(component: Subject, stack: Stack) -> Iterator[str]:
    allowed, found = component.limits.data.payload_logging, classification_of(component.root, stack)
    if found not in allowed:
        said = "does not say how sensitive they are" if found is None else f"is classified as {found}"
        yield f"logs requests of its {role_of(component)} and {said}; allowed is {' or '.join(allowed) or 'nothing'}"


RULES = (kserve_payload_logger_privacy,)
