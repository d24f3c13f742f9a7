"""Functions: what they did can be traced, and what failed is not lost."""

from collections.abc import Iterator

from modelberth_policies.rule import Category, Severity, graph_rule, resource_rule
from modelberth_policies.rules.aws.lambda_.access import FUNCTION, FUNCTION_URL, PERMISSION
from modelberth_policies.rules.aws.unlinked import no_unlinked
from modelberth_policies.subject import Stack, Subject

EVENT_INVOKE_CONFIG = "aws:lambda/functionEventInvokeConfig:FunctionEventInvokeConfig"
EVENT_SOURCE_MAPPING = "aws:lambda/eventSourceMapping:EventSourceMapping"
_WAITING = ("alexa-", "apigateway.", "bedrock.", "cognito-", "elasticloadbalancing.", "lex", "lexv2.", "vpc-lattice.")
"""Services that wait for the answer, so that they see the error themselves. Source:
https://docs.aws.amazon.com/lambda/latest/dg/lambda-services.html"""


@resource_rule(
    "lambda-tracing",
    Severity.LOW,
    Category.RELIABILITY,
    FUNCTION,
    frameworks=("NIST AU-12",),
    anchors=("CKV_AWS_50", "AWS-0066", "pulumi:lambda/Function/enableTracingConfig"),
    why="Without a trace nobody can say which call of a slow request was slow.",
    fix='Set tracing_config to {"mode": "Active"}.',
    applies=lambda limits: limits.production,
)
def lambda_tracing(function: Subject) -> Iterator[str]:
    if function.value("tracingConfig.mode") != "Active":
        yield f"is not traced (tracingConfig.mode is {function.show('tracingConfig.mode')})"


@graph_rule(
    "lambda-failure-destination",
    Severity.LOW,
    Category.RELIABILITY,
    FUNCTION,
    frameworks=("NIST SI-11",),
    anchors=("CKV_AWS_116",),
    why="An event that fails three times is dropped, and nobody hears of it.",
    fix="Set dead_letter_config, or add a FunctionEventInvokeConfig with an on-failure destination.",
)
def lambda_failure_destination(function: Subject, stack: Stack) -> Iterator[str]:
    """A function counts as asynchronous unless all that is known to call it waits for its answer."""
    if function.present("deadLetterConfig.targetArn") or _waited_for(function, stack):
        return
    configs = stack.referring(function, EVENT_INVOKE_CONFIG, "functionName", "name")
    if not any(config.present("destinationConfig.onFailure.destination") for config in configs):
        yield "loses events that fail: it has no deadLetterConfig and no on-failure destination"


def _waited_for(function: Subject, stack: Stack) -> bool:
    permissions = stack.referring(function, PERMISSION, "function", "name")
    polled = stack.referring(function, EVENT_SOURCE_MAPPING, "functionName", "name")
    addresses = stack.referring(function, FUNCTION_URL, "functionName", "name")
    services = [each for each in permissions if each.text("principal") != "*"]
    if not (services or polled or addresses):
        return False
    waiting = all(each.text("principal").startswith(_WAITING) for each in services)
    if waiting:  # by all that is known: somebody else may mean the function by a name that is not
        function.value("name")
        no_unlinked(stack, PERMISSION, "function")
    return waiting


RULES = (lambda_tracing, lambda_failure_destination)
