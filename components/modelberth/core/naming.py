"""Physical names from logical ones: `physical_name("ranker", "prod", "aws-sagemaker-endpoint")` is `prod-ranker`.

The shape is `<stack>-<logical>`, with a suffix `<stack>-<logical>--<suffix>`. It is kept wherever the target allows it
and it can be read in one way only. Otherwise the name ends in a hash of what it was made from: when it is too long or
too short for the target, when a character had to be replaced, when the target has no room for `--`, or when the stack's
own name has a hyphen (`prod-eu` + `ranker` and `prod` + `eu-ranker` would both be `prod-eu-ranker`). Nothing is random:
the same words give the same name on every machine.
"""

import base64
import hashlib
import json
import re
from types import MappingProxyType
from typing import Annotated, Literal

from pydantic import Field

from modelberth.core.config import Config
from modelberth.core.errors import ConfigError, Fault, closest

LOGICAL_NAME = re.compile(r"[a-z][a-z0-9]*(-[a-z0-9]+)*")
LOGICAL_MAX = 40
SUFFIX = re.compile(r"[a-z0-9]+(-[a-z0-9]+)*")
# Pulumi's own rule for a stack's name.
STACK = re.compile(r"[A-Za-z0-9_.-]{1,100}")
HASH_LENGTH = 8


class NameRule(Config):
    """What one kind of resource accepts as its name, of lower-case letters, digits and hyphens."""

    max_length: int = Field(ge=16)
    """Characters, at most."""

    min_length: int = Field(default=1, ge=1, le=8)
    """Characters, at least."""

    hyphens: Literal["none", "single", "any"] = "any"
    """Whether hyphens may stand inside a name: never, never two in a row, or freely."""

    starts_with_letter: bool = False
    """Whether the first character must be a letter. Left out: a letter or a digit."""

    refused_starts: tuple[str, ...] = ()
    """Beginnings that the service keeps for itself."""

    refused_ends: tuple[str, ...] = ()
    """Ends that the service keeps for itself."""

    shared_with: str = ""
    """Whose names it must differ from, beyond the owner's account: then a suffix is required. Empty: nobody's."""

    source: Annotated[str, Field(min_length=1)]
    """Where the rule is written: the provider's page, or what was decided here."""

    def accepts(self, name: str) -> bool:
        """True if the service takes the name."""
        return (
            self.min_length <= len(name) <= self.max_length
            and re.fullmatch(r"[a-z0-9]([a-z0-9-]*[a-z0-9])?", name) is not None
            and not (self.starts_with_letter and name[0].isdigit())
            and not (self.hyphens == "none" and "-" in name)
            and not (self.hyphens == "single" and "--" in name)
            and not name.startswith(self.refused_starts)
            and not name.endswith(self.refused_ends)
        )


_AWS_API = "https://docs.aws.amazon.com/sagemaker/latest/APIReference/"
_AZURE_NAMES = "https://learn.microsoft.com/azure/azure-resource-manager/management/resource-name-rules"
_AZURE_ML = "https://learn.microsoft.com/azure/machine-learning/how-to-manage-quotas"
_KUBERNETES = "https://kubernetes.io/docs/concepts/overview/working-with-objects/names/"

RULES: MappingProxyType[str, NameRule] = MappingProxyType(
    {
        "aws-ecr-repository": NameRule(
            min_length=2,
            max_length=205,
            hyphens="single",
            # 205 is the limit of a public repository; a private one may be longer.
            source="https://docs.aws.amazon.com/AmazonECRPublic/latest/APIReference/API_CreateRepository.html",
        ),
        "aws-iam-role": NameRule(
            max_length=64, source="https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_iam-quotas.html"
        ),
        "aws-s3-bucket": NameRule(
            min_length=3,
            max_length=63,
            refused_starts=("xn--", "sthree-", "amzn-s3-demo-"),
            refused_ends=("-s3alias", "--ol-s3", "--x-s3", "--table-s3"),
            shared_with="all accounts of the AWS partition",
            source="https://docs.aws.amazon.com/AmazonS3/latest/userguide/bucketnamingrules.html",
        ),
        "aws-sagemaker-endpoint": NameRule(max_length=63, source=_AWS_API + "API_CreateEndpoint.html"),
        "aws-sagemaker-endpoint-config": NameRule(max_length=63, source=_AWS_API + "API_EndpointConfigSummary.html"),
        "aws-sagemaker-model": NameRule(max_length=63, source=_AWS_API + "API_OptimizationSageMakerModel.html"),
        "azure-container-app": NameRule(
            min_length=2,
            max_length=32,
            hyphens="single",
            starts_with_letter=True,
            source="the service's own error, ContainerAppInvalidName",
        ),
        "azure-container-registry": NameRule(
            min_length=5,
            max_length=50,
            hyphens="none",
            shared_with="all of Azure",
            source=_AZURE_NAMES + "#microsoftcontainerregistry",
        ),
        "azure-key-vault": NameRule(
            min_length=3,
            max_length=24,
            hyphens="single",
            starts_with_letter=True,
            shared_with="all of Azure",
            source=_AZURE_NAMES + "#microsoftkeyvault",
        ),
        "azure-ml-deployment": NameRule(
            min_length=3, max_length=32, hyphens="single", starts_with_letter=True, source=_AZURE_ML
        ),
        "azure-ml-endpoint": NameRule(
            min_length=3,
            max_length=32,
            hyphens="single",
            starts_with_letter=True,
            shared_with="all endpoints of the Azure region",
            source=_AZURE_ML,
        ),
        "azure-ml-workspace": NameRule(
            min_length=3, max_length=33, source=_AZURE_NAMES + "#microsoftmachinelearningservices"
        ),
        "azure-storage-account": NameRule(
            min_length=3,
            max_length=24,
            hyphens="none",
            shared_with="all of Azure",
            source=_AZURE_NAMES + "#microsoftstorage",
        ),
        "gcp-cloud-run-service": NameRule(
            max_length=49, starts_with_letter=True, source="https://docs.cloud.google.com/run/docs/deploying"
        ),
        "gcp-service-account": NameRule(
            min_length=6,
            max_length=30,
            starts_with_letter=True,
            source="https://docs.cloud.google.com/iam/docs/reference/rest/v1/projects.serviceAccounts/create",
        ),
        "gcp-storage-bucket": NameRule(
            min_length=3,
            max_length=63,
            refused_starts=("goog",),
            shared_with="all of Google Cloud",
            source="https://docs.cloud.google.com/storage/docs/buckets#naming",
        ),
        "kubernetes-object": NameRule(max_length=63, source=_KUBERNETES + "#dns-label-names"),
        "kubernetes-service": NameRule(
            max_length=63, starts_with_letter=True, source=_KUBERNETES + "#rfc-1035-label-names"
        ),
        "local": NameRule(
            max_length=63, source="decided here: fit for a file, a process and one label of a host name on every system"
        ),
    }
)
"""Every kind of resource that this library names, and what its service accepts."""


def validate_logical_name(name: str) -> str:
    """The name itself, if it is one: lower-case letters, digits, single hyphens, a letter first, 40 characters at most.

    Raises `ValueError`, as a pydantic field wants it, without the text that was given: it may be a misplaced secret.
    """
    if len(name) <= LOGICAL_MAX and LOGICAL_NAME.fullmatch(name):
        return name
    raise ValueError(
        f"got {len(name)} characters that are no name; write lower-case letters, digits and single hyphens, "
        f"a letter first, {LOGICAL_MAX} characters at most"
    )


def physical_name(logical: str, stack: str, rule: str, suffix: str | None = None) -> str:
    """The name of a resource in its cloud, valid for the rule and always the same for the same words.

    `logical` is the service's name, `stack` Pulumi's (`pulumi.get_stack()`), `rule` a key of `RULES`. `suffix` tells
    apart several resources of one service (`capture`, `runtime`) and is needed where names are shared with other
    people's accounts: end it in the account or project. Left out: no suffix. The Pulumi project is no part of it: two
    projects that share an account and a stack name must differ in their logical names. Raises `ConfigError`.
    """
    spec = _rule(rule)
    _check_parts(logical, stack, spec, rule, suffix)
    name = f"{stack}-{logical}" if suffix is None else f"{stack}-{logical}--{suffix}"
    if "-" not in stack and spec.accepts(name):
        return name
    return _hashed(name, spec, _hash(logical, stack, suffix))


def fingerprint(content: object) -> str:
    """Eight letters and digits that stand for a plain content: another content, another fingerprint; keys in any order.

    It goes into a name as its suffix, where a changed content must be a new resource.
    """
    return _short(json.dumps(content, sort_keys=True, separators=(",", ":")))


def _rule(rule: str) -> NameRule:
    if rule in RULES:
        return RULES[rule]
    fix = closest(rule, RULES) or "take one of these, or add one with its source"
    raise _error("rule", f"got {rule!r}, allowed are {', '.join(sorted(RULES))}", fix)


def _check_parts(logical: str, stack: str, spec: NameRule, rule: str, suffix: str | None) -> None:
    try:
        validate_logical_name(logical)
    except ValueError as error:
        raise _error("logical", str(error), "") from None
    if not STACK.fullmatch(stack):
        allowed = "letters, digits, '_', '.' and '-', 100 at most"
        raise _error("stack", f"got {stack!r}, allowed are {allowed}", "pass pulumi.get_stack()")
    if suffix is not None and not SUFFIX.fullmatch(suffix):
        raise _error(
            "suffix", f"got {suffix!r}, allowed are lower-case letters, digits and single hyphens", "rename it"
        )
    if spec.shared_with and suffix is None:
        what = f"got none for {logical!r}, and the name of {rule} must differ from those of {spec.shared_with}"
        raise _error("suffix", what, "pass one that ends in the account or project")


def _hash(logical: str, stack: str, suffix: str | None) -> str:
    # A space stands in none of the three, so no two triples give one text.
    text = f"{stack} {logical}" if suffix is None else f"{stack} {logical} {suffix}"
    return _short(text)


def _short(text: str) -> str:
    return base64.b32encode(hashlib.sha256(text.encode()).digest()).decode()[:HASH_LENGTH].lower()


def _hashed(name: str, spec: NameRule, tail: str) -> str:
    joint = "" if spec.hyphens == "none" else "-"
    head = re.sub(r"[^a-z0-9]+", joint, name.lower()).strip("-")
    if (spec.starts_with_letter and head[0].isdigit()) or head.startswith(spec.refused_starts):
        head = f"m{joint}{head}"
    return head[: spec.max_length - len(joint + tail)].rstrip("-") + joint + tail


def _error(path: str, what: str, fix: str) -> ConfigError:
    return ConfigError([Fault(path, what, fix)], source="name")
