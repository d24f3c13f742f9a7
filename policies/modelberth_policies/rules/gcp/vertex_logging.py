"""Requests and answers that Vertex AI keeps: few enough, under a key, and not for long."""

from collections.abc import Iterator

from modelberth_policies.rule import Category, Severity, graph_rule
from modelberth_policies.rules.counts import count
from modelberth_policies.rules.gcp.vertex_ai import ENDPOINT
from modelberth_policies.subject import Stack, Subject
from modelberth_policies.tags import classification_of

DATASET = "gcp:bigquery/dataset:Dataset"
_LOGGING = "predictRequestResponseLoggingConfig"
_WHERE = f"{_LOGGING}.bigqueryDestination.outputUri"
_DAY = 24 * 60 * 60 * 1000
_DEFAULT_PERCENT = 20


@graph_rule(
    "vertex-request-logging-retention",
    Severity.HIGH,
    Category.PRIVACY,
    ENDPOINT,
    frameworks=("GDPR 5(1)(e)",),
    why="Requests are personal data as soon as a person sends them: to be few, locked up and gone in time.",
    fix="Log to a bigquery.Dataset of this stack that has default_encryption_configuration and "
    "default_table_expiration_ms, and lower sampling_rate.",
)
def vertex_request_logging_retention(endpoint: Subject, stack: Stack) -> Iterator[str]:
    """Vertex makes the table itself, so what the dataset says of its tables is what holds."""
    if endpoint.value(f"{_LOGGING}.enabled") is not True:
        return
    yield from _too_many(endpoint, stack)
    datasets = [each for each in stack.of_type(DATASET) if _is_destination(endpoint, stack, each)]
    if not datasets:
        yield f"keeps requests in no dataset of this stack ({_WHERE} is {endpoint.show(_WHERE)})"
    for dataset in datasets:
        yield from _badly_kept(dataset)


def _is_destination(endpoint: Subject, stack: Stack, dataset: Subject) -> bool:
    """The address is `bq://project`, `bq://project.dataset` or `bq://project.dataset.table`."""
    if stack.refers(endpoint, _WHERE, dataset):
        return True
    named = endpoint.text(_WHERE).partition("://")[2].split(".")[1:2]
    return named != [] and named == [dataset.text("datasetId")]


def _too_many(endpoint: Subject, stack: Stack) -> Iterator[str]:
    most = endpoint.limits.data.capture_percent.get(classification_of(endpoint, stack) or "", _DEFAULT_PERCENT)
    path = f"{_LOGGING}.samplingRate"
    rate = count(endpoint, path)
    if rate is None or rate * 100 > most:
        yield f"keeps too many of its requests ({path} is {endpoint.show(path)}); the most is {most / 100:g}"


def _badly_kept(dataset: Subject) -> Iterator[str]:
    days = dataset.limits.data.retention_days
    if not dataset.present("defaultEncryptionConfiguration.kmsKeyName"):
        yield f"keeps requests in {dataset.name}, which is under no key of your own"
    kept = count(dataset, "defaultTableExpirationMs")
    if kept is None or kept > days * _DAY:
        shown = "for ever" if kept is None else f"for {kept / _DAY:g} days"
        yield f"keeps requests in {dataset.name} {shown}; the longest is {days} days"


RULES = (vertex_request_logging_retention,)
