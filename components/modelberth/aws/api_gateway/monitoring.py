"""What an API writes down of a request, and when somebody is told."""

import json
from collections.abc import Mapping

from modelberth.aws.api_gateway.config import STAGE, Alarms
from modelberth.aws.monitoring import Alarm, Metric

ACCESS_LOG: Mapping[str, str] = {
    "request_id": "$context.requestId",
    "time": "$context.requestTime",
    "method": "$context.httpMethod",
    # The path of the resource, not of the request: whatever a caller writes after it stays out.
    "path": "$context.resourcePath",
    "status": "$context.status",
    "reason": "$context.error.responseType",
    "bytes": "$context.responseLength",
    "ms": "$context.responseLatency",
    "model_ms": "$context.integrationLatency",
    "model_status": "$context.integrationStatus",
    "address": "$context.identity.sourceIp",
    "key_id": "$context.identity.apiKeyId",
    "principal": "$context.identity.userArn",
    "subject": "$context.authorizer.claims.sub",
    "authorized_as": "$context.authorizer.principalId",
    "firewall": "$context.wafResponseCode",
    "tls": "$context.tlsVersion",
    "trace": "$context.xrayTraceId",
}
"""Field to variable. No body, no header, no query string; of a key its id.

Source: https://docs.aws.amazon.com/apigateway/latest/developerguide/api-gateway-variables-for-access-logging.html"""


def access_log_format() -> str:
    """One line of JSON for each request; a variable that has no value is `-`."""
    return json.dumps(ACCESS_LOG)


def alarms_of(api_name: str, wanted: Alarms) -> tuple[Alarm, ...]:
    """The alarms of an API, named as CloudWatch knows it.

    The average of an error metric is its share of all requests, and latencies are in milliseconds:
    https://docs.aws.amazon.com/apigateway/latest/developerguide/api-gateway-metrics-and-dimensions.html
    """

    def metric(name: str, statistic: str) -> dict[str, Metric]:
        return {"measured": Metric("AWS/ApiGateway", name, {"ApiName": api_name, "Stage": STAGE}, statistic)}

    failing = "requests to the API fail; look at model_status and reason in the access log, then at the endpoint's log"
    refused = "requests to the API are refused; look at reason, key_id and address in the access log"
    slow = "the API is slow; compare ms with model_ms in the access log"
    found = (
        Alarm("5xx", failing, metric("5XXError", "Average"), wanted.errors_5xx),
        Alarm("4xx", refused, metric("4XXError", "Average"), wanted.errors_4xx, period=300),
    )
    if wanted.p95 is None:
        return found
    return (*found, Alarm("p95", slow, metric("Latency", "p95"), wanted.p95 * 1000))
