"""From the request to SageMaker's InvokeEndpoint, in the Velocity templates of API Gateway. Pure.

The version that is asked for becomes the header of a variant or of an inference component, by an override of the
integration request (https://docs.aws.amazon.com/apigateway/latest/developerguide/apigateway-override-request-response-parameters.html):
an override may be set once per request, so it stands in one chain of `#if`.
"""

from collections.abc import Mapping
from typing import Literal

from modelberth.aws.api_gateway.schema import targets
from modelberth.aws.provider import Account

Target = Literal["variant", "inference_component"]
"""What a version is to SageMaker: a variant of the endpoint, or an inference component on it."""

TARGET_HEADERS: Mapping[Target, str] = {
    "variant": "X-Amzn-SageMaker-Target-Variant",
    "inference_component": "X-Amzn-SageMaker-Inference-Component",
}
"""Headers of InvokeEndpoint.
Source: https://docs.aws.amazon.com/sagemaker/latest/APIReference/API_runtime_InvokeEndpoint.html"""

Shape = Literal["features", "instances", "inputs", "bare"]
"""The body that the model server takes."""

FEATURES = "$input.json('$.features')"

SHAPES: Mapping[Shape, str] = {
    "features": '{"features": %s}',
    "instances": '{"instances": %s}',
    "inputs": '{"inputs": %s}',
    "bare": "%s",
}
"""Shape to body. `features` is our own server's (`modelberth.serving`), which also checks the version that is asked
for: it gets `model_version` too. `instances` is TensorFlow Serving's row format and MLflow's, `inputs` their column
format, `bare` the features themselves."""

CHECKING: tuple[Shape, ...] = ("features",)
"""Shapes whose server checks the version."""


def request_template(
    shape: Shape, versions: Mapping[str, str], target: Target = "variant", default: str | None = None
) -> str:
    """The template of the request: at most one header that says which version answers, and the body.

    `default`: what answers where no version is asked for. None: the weights of the endpoint decide.
    """
    lines = ["#set($asked = $input.path('$.model_version'))", *_choice(versions, target, default)]
    return "\n".join([*lines, _body(shape)])


def _choice(versions: Mapping[str, str], target: Target, default: str | None) -> list[str]:
    chosen = targets(versions, default)
    lines: list[str] = []
    for name in sorted(set(chosen.values())):
        asked = " || ".join(f'$asked == "{word}"' for word, answers in chosen.items() if answers == name)
        lines += [f"#{'else' if lines else ''}if({asked})", _set(target, name)]
    if default is not None:
        lines += ["#else", _set(target, default)] if lines else [_set(target, default)]
    return [*lines, "#end"] if chosen else lines


def _set(target: Target, name: str) -> str:
    return f'#set($context.requestOverride.header["{TARGET_HEADERS[target]}"] = "{name}")'


def _body(shape: Shape) -> str:
    if shape not in CHECKING:
        return SHAPES[shape] % FEATURES
    # As JSON, so that what was asked cannot end the string that it stands in.
    version = '#if($asked && $asked != ""), "model_version": $input.json(\'$.model_version\')#end'
    return SHAPES[shape] % (FEATURES + version)


def invocation_uri(account: Account, endpoint: str) -> str:
    """The integration's address: InvokeEndpoint itself, without a function in between.

    Source: https://docs.aws.amazon.com/solutions/latest/constructs/aws-apigateway-sagemakerendpoint.html
    """
    service = f"arn:{account.partition}:apigateway:{account.region}:runtime.sagemaker"
    return f"{service}:path/endpoints/{endpoint}/invocations"
