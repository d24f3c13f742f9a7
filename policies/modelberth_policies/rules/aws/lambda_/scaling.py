"""Functions: how many run at once, how large and for how long."""

from collections.abc import Iterator

from modelberth_policies.rule import Category, Severity, graph_rule, resource_rule
from modelberth_policies.rules.aws.lambda_.access import FUNCTION
from modelberth_policies.rules.counts import above, count
from modelberth_policies.subject import Stack, Subject

PROVISIONED = "aws:lambda/provisionedConcurrencyConfig:ProvisionedConcurrencyConfig"
INTEGRATIONS = (
    ("aws:apigateway/integration:Integration", "uri"),
    ("aws:apigatewayv2/integration:Integration", "integrationUri"),
)
"""What puts a function behind an API, and the input that names it."""
GATEWAY_SECONDS = 29
"""How long API Gateway waits if nobody says. Source:
https://docs.aws.amazon.com/apigateway/latest/developerguide/limits.html; REST APIs may be allowed more."""
_DEFAULT_MIB, _DEFAULT_SECONDS = 128, 3


@resource_rule(
    "lambda-reserved-concurrency",
    Severity.MEDIUM,
    Category.COST,
    FUNCTION,
    frameworks=("NIST SC-5",),
    anchors=("CKV_AWS_115",),
    why="Without a share of its own a function can take all of the account's concurrency, and run up its bill.",
    fix="Set reserved_concurrent_executions, at most serverless.max_concurrency of the limits.",
)
def lambda_reserved_concurrency(function: Subject) -> Iterator[str]:
    """-1, which is the default, is no reservation."""
    reserved = count(function, "reservedConcurrentExecutions")
    if reserved is None or reserved < 0:
        shown = function.show("reservedConcurrentExecutions")
        yield f"has no bound on how many run at once (reservedConcurrentExecutions is {shown})"
    else:
        yield from above(function, "reservedConcurrentExecutions", function.limits.serverless.max_concurrency)


@resource_rule(
    "lambda-provisioned-concurrency-nonprod",
    Severity.MEDIUM,
    Category.COST,
    PROVISIONED,
    frameworks=("FinOps",),
    why="Environments that are kept warm are paid for day and night, also where nobody waits.",
    fix="Make no ProvisionedConcurrencyConfig outside production.",
    applies=lambda limits: not limits.production,
)
def lambda_provisioned_concurrency_nonprod(config: Subject) -> Iterator[str]:
    if config.value("provisionedConcurrentExecutions") != 0:
        yield f"keeps {config.show('provisionedConcurrentExecutions')} environments warm outside production"


@graph_rule(
    "lambda-memory-timeout-bounds",
    Severity.LOW,
    Category.COST,
    FUNCTION,
    frameworks=("FinOps",),
    why="Memory and time are the bill; what runs on after the API gave up is paid for and answers nobody.",
    fix="Lower memory_size and timeout to the limits, or raise serverless of the limits.",
)
def lambda_memory_timeout_bounds(function: Subject, stack: Stack) -> Iterator[str]:
    limits = function.limits.serverless
    yield from _too_much(function, "memorySize", _DEFAULT_MIB, limits.max_memory_mib, "MiB")
    yield from _too_much(function, "timeout", _DEFAULT_SECONDS, limits.max_timeout_seconds, "seconds")
    waits = [
        (count(each, "timeoutMilliseconds") or GATEWAY_SECONDS * 1000) / 1000
        for type_, path in INTEGRATIONS
        for each in stack.referring(function, type_, path)
    ]
    if waits:
        yield from _too_much(function, "timeout", _DEFAULT_SECONDS, max(waits), "seconds that its API waits")


def _too_much(function: Subject, path: str, left_out: int, limit: float, unit: str) -> Iterator[str]:
    found = count(function, path) if function.present(path) else left_out
    if found is None or found > limit:
        yield f"has {path} {function.show(path)}; the most is {limit:g} {unit}"


RULES = (lambda_reserved_concurrency, lambda_provisioned_concurrency_nonprod, lambda_memory_timeout_bounds)
