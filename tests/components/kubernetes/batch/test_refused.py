"""Batches that cannot be meant: each with its exact message."""

import pytest
from components.kubernetes.batch.samples import LEAST, NIGHTLY, args, faults
from hypothesis import given
from hypothesis import strategies as st

from modelberth.core.errors import ConfigError
from modelberth.kubernetes.batch.cron import five_fields
from modelberth.kubernetes.batch.inference import BatchInference


def clock(cron="0 3 * * *", **fields):
    return {"timing": {"schedule": {"cron": cron, **fields}}}


def inside(output, source):
    told = f"output {output} is inside the input {source}, so that predictions would be read as tables"
    return {"input": source, "output": output}, f"{told}; take another folder"


REFUSED = {
    "more at once than there are": (
        {"shards": {"count": 2, "parallel": 3}}, "shards: parallel is 3, above count 2; lower it",
    ),
    "no shard": ({"shards": {"count": 0}}, "shards.count: got 0, input should be greater than or equal to 1"),
    "more than Kubernetes tries one by one": (
        {"shards": {"count": 100_001}}, "shards.count: got 100001, input should be less than or equal to 100000",
    ),
    "more at once than Kubernetes starts": (
        {"shards": {"count": 20_000, "parallel": 10_001}},
        "shards.parallel: got 10001, input should be less than or equal to 10000",
    ),
    "a folder inside": inside("s3://shop/tables/out", "s3://shop/tables"),
    "the same folder": inside("s3://shop/tables/", "s3://shop/tables"),
    "no store": (
        {"input": "/mnt/tables"}, "input: string should match pattern '^(s3|gs|abfss)://[^\\s]+$'",
    ),
    "no Kueue": (
        {"timing": {"queue": "batch"}},
        "timing.queue needs kueue in the cluster; foundation.addons has none; install it and name it there",
    ),
    "a version that no pod can carry": (
        {"model": {**LEAST["model"], "version": f"1.4.0-{'x' * 60}"}},
        f"model.version: '1.4.0-{'x' * 60}' cannot be a label, allowed are 63 letters, digits, '.', '_' and '-', a "
        "letter or digit at both ends; give it another version",
    ),
    "four fields": (
        clock("0 3 * *"),
        "timing.schedule.cron: '0 3 * *' has 4 fields; write five: minute, hour, day of month, month, day of week",
    ),
    "a name for a time": (
        clock("@daily"),
        "timing.schedule.cron: '@daily' has 1 fields; write five: minute, hour, day of month, month, day of week",
    ),
    "a minute too many": (
        clock("60 3 * * *"),
        "timing.schedule.cron: '60' is no minute; allowed are 0 to 59, ranges, lists, steps and *",
    ),
    "a day that is none": (
        clock("0 3 * * 7"),
        "timing.schedule.cron: '7' is no day of week; allowed are 0 to 6, ranges, lists, steps and *",
    ),
    "backwards": (
        clock("0 5-3 * * *"), "timing.schedule.cron: '5-3' is no hour; allowed are 0 to 23, ranges, lists, steps and *",
    ),
    "a zone nowhere": (
        clock(time_zone="Europe/Atlantis"),
        "timing.schedule.time_zone: 'Europe/Atlantis' is no time zone; write Etc/UTC, or one like Europe/Berlin",
    ),
    "this machine's zone": (
        clock(time_zone="Local"),
        "timing.schedule.time_zone: 'Local' is no time zone; write Etc/UTC, or one like Europe/Berlin",
    ),
    "sooner than anybody looks": (
        clock(start_within=5), "timing.schedule.start_within: got 5, input should be greater than or equal to 10",
    ),
    "two at once": (
        clock(overlap="Allow"), "timing.schedule.overlap: input should be 'Forbid' or 'Replace'",
    ),
    "longer than Kubernetes counts": (
        {"timing": {"deadline": 2**31}},
        "timing.deadline: got 2147483648, input should be less than or equal to 2147483647",
    ),
}  # fmt: skip


@pytest.mark.parametrize("case", REFUSED)
def test_refused_with_its_reason(case):
    given, told = REFUSED[case]
    assert faults(lambda: args(**given)) == [told]


@pytest.mark.parametrize("output", ["s3://shop/tables-out", "s3://shop/predictions", "gs://shop/tables/out"])
def test_a_folder_beside_is_accepted(output):
    assert args(input="s3://shop/tables", output=output).output == output


@pytest.mark.parametrize(
    ("shards", "timing", "longest"),
    [(1, {}, 52), (100_000, {}, 48), (1, NIGHTLY, 52), (100_000, NIGHTLY, 48), (10, NIGHTLY, 52)],
)
def test_a_name_too_long_for_the_last_pod_is_refused_before_anything_is_made(shards, timing, longest):
    given = {**LEAST, "shards": {"count": shards}, "timing": timing}
    with pytest.raises(ConfigError, match=f"got {longest + 1} characters; a batch of so many shards takes {longest}"):
        BatchInference("n" * (longest + 1), given)


@pytest.mark.parametrize(
    "cron", ["*/5 * * * *", "0,30 8-18/2 ? jan-mar MON-FRI", "59 23 31 12 6", "0 0 1 1 0", "5/15 * * * sun"]
)
def test_what_kubernetes_reads_is_accepted(cron):
    assert args(**clock(cron)).timing.schedule.cron == cron


@given(st.text(max_size=20))
def test_any_text_is_a_schedule_or_refused_with_a_reason(text):
    try:
        assert len(five_fields(text).split()) == 5
    except ValueError as error:
        assert "; " in str(error)
