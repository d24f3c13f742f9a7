"""`on:` to a module: `aws:sagemaker/realtime` is `modelberth.aws.sagemaker.realtime.portable`, imported when used."""

import importlib
import importlib.util
import re
from collections.abc import Mapping
from typing import Any, Protocol

import pulumi

from modelberth.core.endpoint import ServingEndpoint
from modelberth.core.errors import ModelberthError
from modelberth.core.labels import Labels
from modelberth.core.service import Service, Translation, Unsupported
from modelberth.core.traffic import Traffic

TARGETS: tuple[str, ...] = (
    "local",
    "aws:sagemaker/asynchronous",
    "aws:sagemaker/components",
    "aws:sagemaker/realtime",
    "aws:sagemaker/serverless",
    "kubernetes:deployment",
    "kubernetes:edge",
    "kubernetes:kserve",
    "kubernetes:ray",
    "kubernetes:rollouts",
    "kubernetes:seldon/v1",
    "kubernetes:seldon/v2",
)
"""Every target that there is, for messages and the matrix in the README."""


class Target(Protocol):
    """What a target's `portable.py` offers."""

    def foundation(
        self, name: str, args: Mapping[str, Any], labels: Labels, opts: pulumi.ResourceOptions | None = None
    ) -> Any:
        """What the services of this cloud share, made of its own words; `labels` are those of what is shared."""
        ...

    def translate(
        self, service: Service, traffic: Traffic, labels: Labels, foundation: Any
    ) -> Translation | Unsupported:
        """The service in the target's words, or the fields that it cannot honour. Pure."""
        ...

    def create(
        self, name: str, made: Translation, foundation: Any, opts: pulumi.ResourceOptions | None = None
    ) -> ServingEndpoint:
        """The components of a translation: its endpoint, or the front door before it."""
        ...


def unknown(on: str) -> str:
    """Why there is no such target, in one clause; empty where there is."""
    return "" if on in TARGETS else f"{on!r} is no target; there are: {', '.join(TARGETS)}"


def module_of(on: str) -> str:
    """The module of a target. Raises `ModelberthError` with the targets that there are."""
    if why := unknown(on):
        raise ModelberthError(f"on: {why}")
    return f"modelberth.{re.sub('[:/]', '.', on).replace('-', '_')}.portable"


def cloud_of(on: str) -> str:
    """The cloud of a target: what shares a foundation."""
    return on.partition(":")[0]


def load(on: str) -> Target:
    """The target itself. Raises `ModelberthError` where its extra is not installed."""
    name = module_of(on)
    try:
        module: Any = importlib.import_module(name)
    except ModuleNotFoundError as error:
        if (error.name or "").startswith("modelberth"):
            raise
        extra = cloud_of(on)
        raise ModelberthError(
            f"on: {on}: {error.name} is not installed; run pip install 'modelberth[{extra}]'"
        ) from None
    return module
