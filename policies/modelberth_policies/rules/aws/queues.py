"""Queues, topics and tables between callers and a model: encrypted, and what must not be lost can be got back."""

from collections.abc import Iterator

from modelberth_policies.rule import Category, Severity, resource_rule
from modelberth_policies.subject import Subject

QUEUE = "aws:sqs/queue:Queue"
TOPIC = "aws:sns/topic:Topic"
TABLE = "aws:dynamodb/table:Table"


@resource_rule(
    "queues-and-tables-encrypted",
    Severity.LOW,
    Category.SECURITY,
    QUEUE,
    TOPIC,
    TABLE,
    frameworks=("FSBP SQS.1", "FSBP DynamoDB.2"),
    anchors=("CKV_AWS_26", "CKV_AWS_27", "CKV_AWS_28", "FSBP:SQS.1", "FSBP:DynamoDB.2"),
    why="Requests wait in queues and answers lie in tables, as readable as if they were logged.",
    fix="Set kms_master_key_id, or sqs_managed_sse_enabled of a queue; point_in_time_recovery of a table.",
)
def queues_and_tables_encrypted(resource: Subject) -> Iterator[str]:
    """DynamoDB encrypts every table; what it does not do by itself is to keep what was overwritten."""
    if resource.type == TABLE:
        recovers = resource.value("pointInTimeRecovery.enabled") is True
        if resource.limits.production and not recovers:
            yield f"cannot be got back (pointInTimeRecovery is {resource.show('pointInTimeRecovery.enabled')})"
    elif not resource.present("kmsMasterKeyId") and resource.value("sqsManagedSseEnabled") is not True:
        yield "is not encrypted"


RULES = (queues_and_tables_encrypted,)
