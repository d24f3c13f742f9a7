"""Functions: environment variables hold no credentials, and lie encrypted under a key of one's own."""

from collections.abc import Iterator

from modelberth_policies.rule import Category, Severity, resource_rule
from modelberth_policies.rules.aws.lambda_.access import FUNCTION
from modelberth_policies.rules.credentials import credentials_in
from modelberth_policies.subject import Subject


@resource_rule(
    "lambda-env-no-secrets",
    Severity.CRITICAL,
    Category.SECURITY,
    FUNCTION,
    frameworks=("NIST IA-5",),
    anchors=("CKV_AWS_45", "prowler:awslambda_function_no_secrets_in_variables"),
    why="Whoever may describe the function reads its environment, and so does every version that is kept.",
    fix="Keep it in Secrets Manager, give the function the secret's ARN, and read it when the function starts.",
)
def lambda_env_no_secrets(function: Subject) -> Iterator[str]:
    yield from credentials_in(function, "environment.variables")


@resource_rule(
    "lambda-env-kms",
    Severity.MEDIUM,
    Category.SECURITY,
    FUNCTION,
    frameworks=("NIST SC-28",),
    anchors=("CKV_AWS_173",),
    why="Under AWS' own key nobody can see, limit or stop who decrypts the environment.",
    fix="Set kms_key_arn to a key of your own.",
)
def lambda_env_kms(function: Subject) -> Iterator[str]:
    if not function.present("kmsKeyArn") and function.present("environment.variables"):
        yield f"has its environment under no key of your own (kmsKeyArn is {function.show('kmsKeyArn')})"


RULES = (lambda_env_no_secrets, lambda_env_kms)
