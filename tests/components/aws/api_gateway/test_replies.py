"""What a caller is told: always a fixed body, never a word of the model or of SageMaker."""

import json

import botocore.session
import pytest
from components.aws.api_gateway.velocity import render
from hypothesis import given, settings
from hypothesis import strategies as st

from modelberth.aws.api_gateway.replies import (
    ANSWERS,
    ERRORS,
    GATEWAY,
    HEADERS,
    MODEL,
    OTHER,
    body,
    gateway_replies,
)
from modelberth.local.gateway.replies import ERRORS as LOCAL

STEADY = settings(derandomize=True, deadline=None)
BY_ROLE = {answer.role: answer for answer in ANSWERS}
LEAK = "features[3].income must be a number in arn:aws:logs:eu-central-1:123456789012:log-group:secret"


def of_the_model(status):
    wrapped = {"OriginalStatusCode": status, "OriginalMessage": LEAK, "LogStreamArn": LEAK, "Message": LEAK}
    return render(BY_ROLE["refused"].template, wrapped)


def test_an_answer_of_the_model_is_handed_on_as_it_is():
    assert (BY_ROLE["ok"].selection, BY_ROLE["ok"].status, BY_ROLE["ok"].template) == ("200", 200, None)


@pytest.mark.parametrize("status", MODEL)
def test_a_refusal_of_the_model_server_keeps_its_status_and_loses_its_text(status):
    told = of_the_model(status)
    assert told.status == status
    assert told.body == {"error": {"code": ERRORS[status][0], "message": ERRORS[status][1]}}


@STEADY
@given(st.integers(100, 599).filter(lambda status: status not in MODEL))
def test_any_other_answer_of_the_model_server_is_a_failed_prediction(status):
    told = of_the_model(status)
    assert told.status is None and BY_ROLE["refused"].status == 502
    assert told.body["error"]["code"] == "prediction_failed"


@STEADY
@given(st.integers(100, 599))
def test_nothing_that_sagemaker_or_the_model_says_gets_out(status):
    assert "income" not in of_the_model(status).text and "arn:" not in of_the_model(status).text


def test_a_model_error_is_what_the_service_says_it_is():
    service = botocore.session.get_session().get_service_model("sagemaker-runtime")
    error = next(
        shape for shape in service.operation_model("InvokeEndpoint").error_shapes if shape.name == "ModelError"
    )
    assert str(error.metadata["error"]["httpStatusCode"]) == BY_ROLE["refused"].selection
    assert {"OriginalStatusCode", "OriginalMessage"} <= set(error.members)


def test_whatever_else_sagemaker_says_is_unavailable():
    (fallback,) = [answer for answer in ANSWERS if answer.selection is None]
    assert fallback.status == 503
    assert render(fallback.template, {"Message": LEAK}).body["error"]["code"] == "unavailable"


def test_every_reason_is_one_of_api_gateway():
    service = botocore.session.get_session().get_service_model("apigateway")
    known = set(service.shape_for("GatewayResponseType").enum)
    assert set(GATEWAY) <= known
    assert {"DEFAULT_4XX", "DEFAULT_5XX"} <= set(GATEWAY), "what is not listed is told by these"


def test_a_caller_that_is_not_let_in_learns_nothing_of_why():
    refused = ("ACCESS_DENIED", "EXPIRED_TOKEN", "INVALID_API_KEY", "INVALID_SIGNATURE", "UNAUTHORIZED")
    assert {GATEWAY[reason] for reason in refused} == {401}


def test_a_missing_token_is_an_unknown_path_unless_callers_sign():
    assert gateway_replies(signed=False)["MISSING_AUTHENTICATION_TOKEN"] == 404
    assert gateway_replies(signed=True)["MISSING_AUTHENTICATION_TOKEN"] == 401


def test_defaults_keep_their_status():
    assert (GATEWAY["DEFAULT_4XX"], GATEWAY["DEFAULT_5XX"]) == (None, None)
    assert json.loads(body(None)) == {"error": {"code": OTHER[0], "message": OTHER[1]}}


def test_bodies_of_gateway_replies_hold_no_variable():
    """API Gateway fills `$context` in, also where nobody meant it."""
    assert all("$" not in body(status) and "#" not in body(status) for status in (*ERRORS, None))


def test_codes_are_those_of_the_local_gateway():
    both = LOCAL.keys() & ERRORS.keys()
    assert {status: LOCAL[status][0] for status in both} == {status: ERRORS[status][0] for status in both}
    assert len(both) >= 6


def test_no_header_value_can_end_its_quotes():
    assert all("'" not in value for value in HEADERS.values())
    assert HEADERS["Cache-Control"] == "no-store"
