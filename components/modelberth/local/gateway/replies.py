"""The gateway's own errors as small JSON bodies that tell a stranger nothing: no reason, no version, no address."""

from modelberth.local.gateway.discovery import Json

ERRORS: dict[int, tuple[str, str]] = {
    400: ("bad_request", "The request is malformed."),
    401: ("unauthorized", "A valid key or token is required."),
    404: ("not_found", "There is nothing here."),
    408: ("request_timeout", "The request took too long to arrive."),
    413: ("payload_too_large", "The request body is too large."),
    429: ("rate_limited", "Too many requests; try again later."),
    431: ("headers_too_large", "The request headers are too large."),
    503: ("unavailable", "The service is not available; try again later."),
    504: ("timeout", "The answer took too long."),
}
TOLD = {403: 401, 501: 400}
"""Envoy's status to the one that is told: 403 would say that a token is genuine but for somebody else, and 501, for a
transfer encoding that is not known, that the server is at fault."""
OTHER = ("error", "The request failed.")


def _body(code: str, message: str) -> Json:
    return {"json_format": {"error": {"code": code, "message": message}}}


def _mapper(status: int, told: int) -> Json:
    equal = {"op": "EQ", "value": {"default_value": status, "runtime_key": f"modelberth.reply.{status}"}}
    return {
        "filter": {"status_code_filter": {"comparison": equal}},
        "status_code": told,
        "body_format_override": _body(*ERRORS[told]),
    }


def local_replies() -> Json:
    """Envoy's `local_reply_config`. Answers of a backend are not touched."""
    told = {**{status: status for status in ERRORS}, **TOLD}
    return {"mappers": [_mapper(*pair) for pair in told.items()], "body_format": _body(*OTHER)}
