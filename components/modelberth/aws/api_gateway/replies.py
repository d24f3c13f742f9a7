"""What a caller is told: fixed bodies that say nothing of the model, its service or its versions. Data only.

The bodies have the shape of the model server's own errors, `{"error": {"code": …, "message": …}}`, and the codes are
those of the local gateway.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType

JSON = "application/json"

HEADERS: Mapping[str, str] = MappingProxyType(
    {
        "Cache-Control": "no-store",
        "Strict-Transport-Security": "max-age=63072000",
        "X-Content-Type-Options": "nosniff",
    }
)
"""On every answer: never kept by a cache, never by plain HTTP, never taken for anything but JSON."""

ERRORS: Mapping[int, tuple[str, str]] = MappingProxyType(
    {
        400: ("bad_request", "The request is malformed."),
        401: ("unauthorized", "A valid key, token or signature is required."),
        404: ("not_found", "There is nothing here."),
        409: ("model_version_not_served", "This version is not served."),
        413: ("payload_too_large", "The request body is too large."),
        415: ("unsupported_media_type", "The content type must be application/json."),
        422: ("invalid_features", "The features do not fit the model."),
        429: ("rate_limited", "Too many requests; try again later."),
        502: ("prediction_failed", "The model could not predict."),
        503: ("unavailable", "The service is not available; try again later."),
        504: ("timeout", "The answer took too long."),
    }
)
"""Status to code and message."""

OTHER = ("error", "The request failed.")
"""Code and message of every other status."""

GATEWAY: Mapping[str, int | None] = MappingProxyType(
    {
        "DEFAULT_4XX": None,
        "DEFAULT_5XX": None,
        "ACCESS_DENIED": 401,
        "BAD_REQUEST_BODY": 400,
        "EXPIRED_TOKEN": 401,
        "INTEGRATION_FAILURE": 503,
        "INTEGRATION_TIMEOUT": 504,
        "INVALID_API_KEY": 401,
        "INVALID_SIGNATURE": 401,
        "MISSING_AUTHENTICATION_TOKEN": 404,
        "QUOTA_EXCEEDED": 429,
        "REQUEST_TOO_LARGE": 413,
        "RESOURCE_NOT_FOUND": 404,
        "THROTTLED": 429,
        "UNAUTHORIZED": 401,
        "UNSUPPORTED_MEDIA_TYPE": 415,
    }
)
"""API Gateway's reason to the status that is told; None keeps the status, for every reason that is not listed.

403 is told as 401: it would say that a token is genuine, but for somebody else. A missing token is what API Gateway
calls an unknown path. Source: https://docs.aws.amazon.com/apigateway/latest/developerguide/supported-gateway-response-types.html"""

MODEL: tuple[int, ...] = (400, 409, 413, 422, 503)
"""Statuses of the model server that are told as they are; any other is 502.

SageMaker wraps them in its own 424 with the server's text, which names features, in `OriginalMessage`: it is dropped.
Source: https://docs.aws.amazon.com/sagemaker/latest/APIReference/API_runtime_InvokeEndpoint.html"""


@dataclass(frozen=True, slots=True)
class Answer:
    """How one family of SageMaker's answers is told."""

    role: str
    """Last part of the name of its resources."""
    selection: str | None
    """Regular expression of SageMaker's statuses. None: all that no other one fits."""
    status: int
    """The status that is told."""
    template: str | None
    """Mapping template of the body. None: the body itself."""


def body(status: int | None) -> str:
    """The JSON body of an error."""
    code, message = OTHER if status is None else ERRORS[status]
    return json.dumps({"error": {"code": code, "message": message}})


def _of_the_model() -> str:
    """A template: the status that the model server gave, where it is one of `MODEL`, with a body of our own."""
    lines = ["#set($original = $input.path('$.OriginalStatusCode'))"]
    for number, status in enumerate(MODEL):
        lines += [f"#{'else' if number else ''}if($original == {status})"]
        lines += [f"#set($context.responseOverride.status = {status})", body(status)]
    return "\n".join([*lines, "#else", body(502), "#end"])


ANSWERS: tuple[Answer, ...] = (
    Answer("ok", "200", 200, None),
    Answer("refused", "424", 502, _of_the_model()),
    # Throttling, a variant that is gone, a role without permission: whatever it is, the caller cannot mend it.
    Answer("unavailable", None, 503, body(503)),
)
"""SageMaker's answers. Status 424 is an error of the model, all else but 200 one of SageMaker."""


def gateway_replies(signed: bool) -> dict[str, int | None]:
    """`GATEWAY` for an API: where callers sign their requests, a missing token is a missing signature."""
    return {**GATEWAY, "MISSING_AUTHENTICATION_TOKEN": 401 if signed else 404}
