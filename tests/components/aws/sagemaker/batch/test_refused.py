"""Batch transforms that cannot be meant: each with its exact message."""

import pytest
from components.aws.sagemaker.batch.samples import IMAGE, LEAST

from modelberth.aws.sagemaker.batch.config import BatchTransformArgs
from modelberth.core.errors import ConfigError

CSV = {
    "input": {"split_type": "Line"},
    "output": {"accept": "text/csv", "assemble_with": "Line"},
}
JSON = {"input": {"content_type": "application/json"}, "output": {"accept": "application/json"}}
LINES = {"content_type": "application/jsonlines"}
FOLDER = "not a folder; write s3://<bucket>/<folder>/, and {date} where the day of the run stands"
PATH = "not a path that SageMaker knows; write $, and after it .name, .*, ['a','b'], [1], [1,3] or [1:3]"
CONTAINER = LEAST["artefact"]["containers"][0]

REFUSED = {
    "many models": (
        {"artefact": {"many": True}},
        "scores: artefact.many is set, and a transform job names no model of many; give it one model",
    ),
    "containers side by side": (
        {
            "artefact": {
                "execution": "direct",
                "containers": [{**CONTAINER, "hostname": "a"}, {"image": IMAGE, "hostname": "b"}],
            }
        },
        "scores: artefact.execution is direct, and a transform job names no container; write serial",
    ),
    "a type for hosting only": (
        {"instance_type": "ml.t2.medium"},
        "scores.instance_type: SageMaker runs no batch transform on ml.t2.medium; take ml.c7i.large, "
        "ml.c6i.large, ml.m7i.large",
    ),
    "a type of a family that is taken": (
        {"instance_type": "ml.c5.large"},
        "scores.instance_type: SageMaker runs no batch transform on ml.c5.large; take ml.c7i.large, ml.c6i.large, "
        "ml.m7i.large",
    ),
    "a type of no cloud": (
        {"instance_type": "ml.m6x.large"},
        "scores.instance_type: got 'ml.m6x.large', no known instance type for hosting; nearest: ml.m6i.large, "
        "ml.m6g.large, ml.m6i.xlarge",
    ),
    "no instance": (
        {"instance_count": 0},
        "scores.instance_count: got 0, input should be greater than or equal to 1",
    ),
    "101 instances": (
        {"instance_count": 101},
        "scores.instance_count: got 101, input should be less than or equal to 100",
    ),
    "a strategy without records": (
        {"batching": {"strategy": "SingleRecord"}},
        "scores: batching.strategy is SingleRecord, and input.split_type None leaves no records to count; write Line, "
        "RecordIO or TFRecord, or leave the strategy out",
    ),
    "payload over the limit": (
        {"batching": {"max_payload_mb": 101}},
        "scores.batching.max_payload_mb: got 101, input should be less than or equal to 100",
    ),
    "payloads over the limit together": (
        {"batching": {"max_payload_mb": 30, "max_concurrent_transforms": 4}},
        "scores.batching: max_concurrent_transforms 4 of 30 MB are 120 MB, and SageMaker takes 100 together; lower one "
        "of them",
    ),
    "default payloads over the limit together": (
        {"batching": {"max_concurrent_transforms": 17}},
        "scores.batching: max_concurrent_transforms 17 of 6 MB, SageMaker's default, are 102 MB, and SageMaker takes "
        "100 together; lower one of them",
    ),
    "predictions among the records": (
        {"output": {"uri": "s3://records/in/{date}/scores/"}},
        "scores: output.uri s3://records/in/{date}/scores/ is in the folder of the input, so that the next run would "
        "take predictions for records; write another folder",
    ),
    "an object for a folder": ({"input": {"uri": "s3://records/in/today.csv"}}, f"scores.input.uri: {FOLDER}"),
    "a wildcard in a folder": ({"input": {"uri": "s3://records/*/"}}, f"scores.input.uri: {FOLDER}"),
    "a quote in a folder": ({"output": {"uri": "s3://records/it's/"}}, f"scores.output.uri: {FOLDER}"),
    "another placeholder": ({"output": {"uri": "s3://records/{hour}/"}}, f"scores.output.uri: {FOLDER}"),
    "no media type": (
        {"input": {"content_type": "csv"}},
        "scores.input.content_type: not a media type; write one like text/csv",
    ),
    "no key": (
        {"output": {"key": "alias/scores"}},
        "scores.output.key: not the ARN of a key; write arn:aws:kms:<region>:<account>:key/<id>, and no alias: "
        "policies and grants take none",
    ),
    "a format that cannot be filtered": (
        {**JSON, "input": {"content_type": "image/png"}, "data_processing": {"join_source": "Input"}},
        "scores: data_processing: input.content_type is image/png, and SageMaker filters text/csv, application/json, "
        "application/jsonlines only; write one of them",
    ),
    "an unknown format joined": (
        {"input": {"split_type": "Line"}, "data_processing": {"join_source": "Input"}},
        "scores: data_processing: output.accept is left out, and SageMaker filters text/csv, application/json, "
        "application/jsonlines only; write one of them",
    ),
    "CSV joined without lines": (
        {"output": {"accept": "text/csv"}, "data_processing": {"join_source": "Input"}},
        "scores: data_processing: CSV is filtered by lines; write Line for input.split_type and output.assemble_with",
    ),
    "JSON lines joined otherwise than split": (
        {"input": {**LINES, "split_type": "Line"}, "output": {"accept": LINES["content_type"]}, "data_processing": {}},
        "scores: data_processing: input.split_type is Line, output.assemble_with None; records are joined again as "
        "they were split, write Line or None for both",
    ),
    "an attribute of a CSV record": (
        {**CSV, "data_processing": {"input_filter": "$.features"}},
        "scores: data_processing.input_filter names an attribute, and a CSV record has columns; write numbers: $[0], "
        "$[1:]",
    ),
    "an attribute of a CSV answer": (
        {**CSV, "data_processing": {"join_source": "Input", "output_filter": "$['id','SageMakerOutput']"}},
        "scores: data_processing.output_filter names an attribute, and a CSV record has columns; write numbers: $[0], "
        "$[1:]",
    ),
    "JSONPath that SageMaker does not know": (
        {**JSON, "data_processing": {"input_filter": "$..id"}},
        f"scores.data_processing.input_filter: {PATH}",
    ),
    "JSONPath without a root": (
        {**JSON, "data_processing": {"input_filter": "features"}},
        f"scores.data_processing.input_filter: {PATH}",
    ),
    "a long JSONPath": (
        {**JSON, "data_processing": {"input_filter": "$." + "a" * 62}},
        "scores.data_processing.input_filter: string should have at most 63 characters",
    ),
    "a crontab": (
        {"schedule": {"expression": "30 2 * * 1-5"}},
        "scores.schedule.expression: '30 2 * * 1-5' is neither cron(…) nor rate(…); write cron(30 2 ? * MON-FRI *)",
    ),
    "a time zone of nowhere": (
        {"schedule": {"time_zone": "Europe/Springfield"}},
        "scores.schedule.time_zone: 'Europe/Springfield' is no time zone; write UTC, or one like Europe/Berlin",
    ),
    "a window of two days": (
        {"schedule": {"flexible_window_minutes": 2880}},
        "scores.schedule.flexible_window_minutes: got 2880, input should be less than or equal to 1440",
    ),
    "a job that may take no time": (
        {"run": {"timeout": "5m"}},
        "scores.run.timeout: input should be greater than or equal to 600",
    ),
    "runs that meet": (
        {"run": {"timeout": "12h"}},
        "scores: schedule: cron(30 2 * * ? *) starts runs 86400 s apart, and with its restarts (1) one may end 88440 s "
        "after its time, when the next is under way; start less often, or lower run.timeout, run.restarts or the "
        "flexible window",
    ),
    "no topic": (
        {"alerts": "team@example.com"},
        "scores.alerts: not the ARN of a topic; write arn:aws:sns:<region>:<account>:<name>",
    ),
    "an unknown field": (
        {"scaling": {"min": 1}},
        "scores.scaling: no such field; allowed: foundation, artefact, instance_type, instance_count, input, output, "
        "batching, data_processing, schedule, run, alerts, labels",
    ),
}  # fmt: skip


def changed(changes):
    """The least that can be said, with other values in some fields."""
    merged = dict(LEAST)
    for field, value in changes.items():
        both = isinstance(value, dict) and isinstance(merged.get(field), dict)
        merged[field] = {**merged[field], **value} if both else value
    return merged


@pytest.mark.parametrize("case", REFUSED)
def test_what_cannot_be_meant_is_refused(case):
    changes, message = REFUSED[case]
    with pytest.raises(ConfigError) as error:
        BatchTransformArgs.parse(changed(changes), "scores")
    assert str(error.value) == f"configuration: 1 fault\n  {message}"


@pytest.mark.parametrize(
    "changes",
    [
        {**CSV, "data_processing": {"input_filter": "$[1:]", "join_source": "Input", "output_filter": "$[0,5:]"}},
        {**CSV, "data_processing": {"output_filter": "$[-1]"}},
        {**JSON, "data_processing": {"input_filter": "$.features", "output_filter": "$['id','SageMakerOutput']"}},
        {**JSON, "data_processing": {"input_filter": "$.id.*"}},
        {"input": {"split_type": "TFRecord"}, "batching": {"strategy": "MultiRecord"}},
        {"batching": {"max_payload_mb": 0, "max_concurrent_transforms": 50}},
        {"batching": {"max_payload_mb": 25, "max_concurrent_transforms": 4}},
        {"output": {"uri": "s3://scores/"}},
        {"schedule": {"expression": "cron(0 2 ? * 6L *)", "time_zone": "Europe/Berlin"}},
    ],
)
def test_what_can_be_meant_is_taken(changes):
    assert BatchTransformArgs.parse(changed(changes), "scores").instance_count == 1
