"""What the model is sent: the body, and the header that says which version answers."""

import json

import botocore.session
import pytest
from components.aws.api_gateway.velocity import render
from hypothesis import given, settings
from hypothesis import strategies as st

from modelberth.aws.api_gateway.mapping import SHAPES, TARGET_HEADERS, invocation_uri, request_template
from modelberth.aws.api_gateway.schema import spellings, targets
from modelberth.aws.provider import Account

STEADY = settings(derandomize=True, deadline=None)
TABLE = {"1.4.0": "stable", "1.5.0": "candidate"}
VARIANT, COMPONENT = TARGET_HEADERS["variant"], TARGET_HEADERS["inference_component"]
JSON = st.recursive(
    st.none() | st.booleans() | st.integers(-9, 9) | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=3), inner, max_size=3),
    max_leaves=6,
)


def sent(body, shape="features", versions=TABLE, **fields):
    return render(request_template(shape, versions, **fields), body)


@pytest.mark.parametrize(
    ("shape", "expected"),
    [
        ("features", {"features": [[1, 2]]}),
        ("instances", {"instances": [[1, 2]]}),
        ("inputs", {"inputs": [[1, 2]]}),
        ("bare", [[1, 2]]),
    ],
)
def test_each_shape_is_the_body_that_its_server_takes(shape, expected):
    assert sent({"features": [[1, 2]]}, shape).body == expected


def test_every_shape_is_tested():
    assert set(SHAPES) == {"features", "instances", "inputs", "bare"}


@STEADY
@given(st.lists(JSON, min_size=1, max_size=4), st.sampled_from(sorted(SHAPES)))
def test_features_arrive_as_they_were_sent(features, shape):
    body = sent({"features": features}, shape).body
    assert (body if shape == "bare" else next(iter(body.values()))) == features


def test_our_own_server_is_told_the_version_too_and_checks_it():
    assert sent({"features": [1], "model_version": "v1.4"}).body == {"features": [1], "model_version": "v1.4"}


@pytest.mark.parametrize("shape", sorted(set(SHAPES) - {"features"}))
def test_another_server_is_sent_no_field_that_it_does_not_know(shape):
    asked = sent({"features": [1], "model_version": "1.4.0"}, shape)
    assert asked.body == sent({"features": [1]}, shape).body
    assert asked.headers == {VARIANT: "stable"}


def test_a_field_that_the_caller_made_up_never_reaches_the_model():
    assert sent({"features": [1], "explain": True, "model": "other"}).body == {"features": [1]}


def test_a_version_goes_to_its_variant():
    assert sent({"features": [1], "model_version": "v1.4.0"}).headers == {VARIANT: "stable"}
    assert sent({"features": [1], "model_version": "1.5"}).headers == {VARIANT: "candidate"}


@pytest.mark.parametrize("body", [{"features": [1]}, {"features": [1], "model_version": "v1"}])
def test_without_a_version_or_with_one_that_fits_all_the_weights_decide(body):
    assert sent(body).headers == {}


def test_without_a_table_nothing_is_chosen():
    assert sent({"features": [1], "model_version": "9"}, versions={}).headers == {}


@STEADY
@given(st.text(max_size=12))
def test_a_version_that_the_schema_let_slip_chooses_nothing_and_breaks_nothing(asked):
    """Whatever API Gateway may not check of a schema, the template holds on its own."""
    made = sent({"features": [1], "model_version": asked})
    assert made.headers == ({VARIANT: targets(TABLE)[asked]} if asked in targets(TABLE) else {})
    assert made.body == {"features": [1], **({"model_version": asked} if asked else {})}


@STEADY
@given(st.dictionaries(st.sampled_from(["1.0.0", "1.0.1", "1.2.0", "2.0.0", "2.0.0-rc.1"]), st.just("x"), min_size=1))
def test_every_spelling_of_a_table_is_mapped_as_the_table_says(versions):
    table = {version: f"variant-{at}" for at, version in enumerate(versions)}
    for word in {word for version in table for word in spellings(version)}:
        name = targets(table).get(word)
        made = sent({"features": [1], "model_version": word}, versions=table)
        assert made.headers == ({} if name is None else {VARIANT: name})


def test_inference_components_have_no_weights_so_one_of_them_always_answers():
    table = {"1.4.0": "s-ranker-a", "1.5.0": "s-ranker-b"}
    component = {"versions": table, "target": "inference_component", "default": "s-ranker-a"}
    assert sent({"features": [1]}, **component).headers == {COMPONENT: "s-ranker-a"}
    assert sent({"features": [1], "model_version": "v1"}, **component).headers == {COMPONENT: "s-ranker-a"}
    assert sent({"features": [1], "model_version": "v1.5"}, **component).headers == {COMPONENT: "s-ranker-b"}


def test_the_headers_are_those_of_the_service():
    service = botocore.session.get_session().get_service_model("sagemaker-runtime")
    members = service.operation_model("InvokeEndpoint").input_shape.members
    assert members["TargetVariant"].serialization["name"] == VARIANT
    assert members["InferenceComponentName"].serialization["name"] == COMPONENT


@pytest.mark.parametrize(
    ("region", "partition"), [("eu-central-1", "aws"), ("cn-north-1", "aws-cn"), ("us-gov-west-1", "aws-us-gov")]
)
def test_the_integration_is_invoke_endpoint_itself(region, partition):
    service = botocore.session.get_session().get_service_model("sagemaker-runtime")
    path = service.operation_model("InvokeEndpoint").http["requestUri"].replace("{EndpointName}", "s-ranker")
    uri = invocation_uri(Account(region=region, id="123456789012"), "s-ranker")
    assert uri == f"arn:{partition}:apigateway:{region}:runtime.sagemaker:path{path}"


@pytest.mark.parametrize(
    "template",
    [
        "#foreach($x in $y)$x#end",
        "$util.escapeJavaScript('a')",
        "#set($a = $b + 1)",
        "#if($input.body)a#end",
        "#if(1 == 1)a",
    ],
)
def test_the_reader_of_these_tests_refuses_what_it_does_not_know(template):
    with pytest.raises((AssertionError, KeyError)):
        render(template, {"b": 1})


def test_the_reader_of_these_tests_refuses_a_second_override():
    line = '#set($context.requestOverride.header["A"] = "b")'
    assert render(line, {}).headers == {"A": "b"}
    with pytest.raises(AssertionError, match="once"):
        render(line + line, {})


def test_a_template_is_small_enough_for_api_gateway():
    table = {f"{major}.{minor}.0": f"variant-{major}-{minor}" for major in range(9) for minor in range(9)}
    # Source: https://docs.aws.amazon.com/apigateway/latest/developerguide/limits.html (300 KB)
    assert len(json.dumps(request_template("features", table))) < 300_000
