"""Data capture: how much, for how long, under which key; and the bucket in which it expires."""

from pathlib import Path

import pulumi
import pytest
from hypothesis import given
from hypothesis import strategies as st
from inventory import assert_inventory
from plans import remembered

from modelberth.aws.sagemaker.capture import FOLDER, CaptureBucket, DataCapture, capture_config
from modelberth.core.errors import ConfigError
from modelberth_policies.sources.program import run_in_process

HERE = Path(__file__).parent
ACCOUNT = {"region": "eu-central-1", "id": "123456789012"}
KEY = "arn:aws:kms:eu-central-1:123456789012:key/0f1e2d3c"
CAPTURE = {"sample": "10%", "expires": "14d", "encryption": {"arn": KEY}}
LABELS = {
    "owner": "search", "environment": "prod", "cost_centre": "4711", "service": "ranker", "model": "ranker",
    "version": "1.4.0", "data_classification": "internal",
}  # fmt: skip


def bucket(name="ranker-capture", **fields):
    return CaptureBucket(name, {"account": ACCOUNT, "capture": CAPTURE, **fields})


@remembered
def planned(**fields):
    return run_in_process(lambda: bucket(**fields) and None)


def test_defaults():
    assert_inventory(planned(), HERE / "capture.defaults.inventory.yaml")


def test_max():
    capture = {**CAPTURE, "sample": 1, "expires": "1d", "content": "input", "encryption": {"reason": "nothing to hide"}}
    assert_inventory(planned(capture=capture, labels=LABELS), HERE / "capture.max.inventory.yaml")


def test_what_the_endpoint_configuration_is_told():
    assert capture_config(DataCapture.parse(CAPTURE), "prod-ranker-capture") == {
        "enable_capture": True,
        "initial_sampling_percentage": 10,
        "destination_s3_uri": "s3://prod-ranker-capture/captured",
        "kms_key_id": KEY,
        "capture_options": [{"capture_mode": "Input"}, {"capture_mode": "Output"}],
        "capture_content_type_header": {"csv_content_types": ["text/csv"], "json_content_types": ["application/json"]},
    }


@pytest.mark.parametrize(
    ("content", "modes"), [("both", ["Input", "Output"]), ("input", ["Input"]), ("output", ["Output"])]
)
def test_which_side_is_kept(content, modes):
    told = capture_config(DataCapture.parse({**CAPTURE, "content": content}), "b")
    assert [option["capture_mode"] for option in told["capture_options"]] == modes


def test_without_a_key_of_ones_own_the_endpoint_is_told_of_none():
    kept = DataCapture.parse({**CAPTURE, "encryption": {"reason": "nothing to hide"}})
    assert "kms_key_id" not in capture_config(kept, "b")


@given(st.integers(1, 100))
def test_every_whole_percent_reaches_sagemaker_as_it_is(percent):
    for written in (f"{percent}%", percent / 100):
        kept = DataCapture.parse({**CAPTURE, "sample": written})
        assert capture_config(kept, "b")["initial_sampling_percentage"] == percent


def test_everything_stands_before_the_bucket_is_handed_on():
    def program():
        made = bucket()
        pulumi.CustomResource("test:index:User", "user", {"bucket": made.bucket, "uri": made.uri})

    plan = run_in_process(program)
    settings = {one.urn for one in plan if one.type.startswith("aws:s3/")}
    assert len(settings) == 7
    assert settings <= set(plan["test:index:User::user"].dependencies)


def test_what_is_captured_lies_in_one_folder():
    def program():
        pulumi.export("uri", bucket().uri)

    uri = run_in_process(program).outputs["uri"]
    assert uri == f"s3://s-ranker-capture--123456789012/{FOLDER}/"
    told = capture_config(DataCapture.parse(CAPTURE), "s-ranker-capture--123456789012")
    assert f"{told['destination_s3_uri']}/" == uri


def test_a_long_service_name_has_a_bucket_too():
    name = "a" * 40
    (made,) = run_in_process(lambda: bucket(f"{name}-capture") and None).of_type("aws:s3/bucket:Bucket")
    assert len(made.get("bucket")) <= 63


@pytest.mark.parametrize(
    ("fields", "message"),
    [
        ({"sample": 0}, "1 fault\n  sample: got 0; SageMaker captures whole percents from 1% to 100%; write one"),
        (
            {"sample": "0.5%"},
            "1 fault\n  sample: got 0.005; SageMaker captures whole percents from 1% to 100%; write one",
        ),
        ({"sample": 1.5}, "1 fault\n  sample: got 1.5, input should be less than or equal to 1"),
        (
            {"expires": 0},
            "1 fault\n  expires: got 0 seconds; S3 expires objects after whole days; write for example 14d",
        ),
        (
            {"expires": "36h"},
            "1 fault\n  expires: got 129600 seconds; S3 expires objects after whole days; write for example 14d",
        ),
        ({"content": "headers"}, "1 fault\n  content: input should be 'both', 'input' or 'output'"),
        (
            {"bucket": "mine"},
            "1 fault\n  bucket: no such field; allowed: sample, expires, encryption, content",
        ),
    ],
)
def test_bad_input_is_refused_in_one_sentence(fields, message):
    with pytest.raises(ConfigError) as error:
        DataCapture.parse({**CAPTURE, **fields})
    assert str(error.value) == f"configuration: {message}"


@pytest.mark.parametrize("missing", ["sample", "expires", "encryption"])
def test_share_expiry_and_key_are_asked_for_together(missing):
    with pytest.raises(ConfigError) as error:
        DataCapture.parse({word: value for word, value in CAPTURE.items() if word != missing})
    assert str(error.value) == f"configuration: 1 fault\n  {missing}: field required"
