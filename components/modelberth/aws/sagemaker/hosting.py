"""From variants to an endpoint that serves: models, an endpoint configuration, the endpoint, and the read-back."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import pulumi
import pulumi_aws as aws

from modelberth.aws.encryption import key_arn
from modelberth.aws.foundation import Foundation
from modelberth.aws.provider import Account
from modelberth.aws.sagemaker import content_names
from modelberth.aws.sagemaker.in_service import InService
from modelberth.aws.sagemaker.live import VERSION_TAG
from modelberth.aws.sagemaker.model import Artefact, content_of
from modelberth.core.component import Component
from modelberth.core.labels import Labels, render
from modelberth.core.naming import physical_name


@dataclass(frozen=True, slots=True)
class Fleet:
    """One variant: what runs, and on what, in the words of a production variant."""

    artefact: Artefact
    on: Mapping[str, Any]
    """`instance_type`, `initial_instance_count`, `initial_variant_weight`, `serverless_config`, …"""


@dataclass(frozen=True, slots=True)
class Hosting:
    """Everything that SageMaker is told about one endpoint."""

    foundation: Foundation
    role_arn: pulumi.Input[str]
    variants: Mapping[str, Fleet]
    shadows: Mapping[str, Fleet] = field(default_factory=dict)
    isolated: bool = True
    """Whether containers have no network at all."""
    in_vpc: bool = True
    """Whether models stand in the network's subnets."""
    volume_key: bool = True
    """Whether volumes take the customer's key; instances with local storage encrypt them in hardware instead."""
    settings: Mapping[str, Any] = field(default_factory=dict)
    """Further words of the endpoint configuration: `data_capture_config`, `async_inference_config`."""
    deployment: Mapping[str, Any] | None = None
    """How an update is carried out."""
    rollback_alarms: pulumi.Input[list[str]] = field(default_factory=list)
    needs: Sequence[pulumi.Resource] = ()
    """What must be there before the endpoint: log group, alarms, permissions."""
    labels: Labels | None = None


# A resource with an explicit name is deleted before it is replaced, unless it is told not to be
# (pulumi-terraform-bridge, nameRequiresDeleteBeforeReplace); the old one must live until the endpoint serves the new.
KEPT_UNTIL_REPLACED = {"delete_before_replace": False}


@dataclass(frozen=True, slots=True)
class Hosted:
    """What came of it."""

    endpoint: aws.sagemaker.Endpoint
    in_service: InService


def endpoint_name_of(name: str) -> str:
    """The endpoint's name in AWS. It never changes: what changes is its configuration."""
    return physical_name(name, pulumi.get_stack(), "aws-sagemaker-endpoint")


def host(component: Component, name: str, hosting: Hosting) -> Hosted:
    """Create it all as children of a component."""
    tags = {} if hosting.labels is None else render(hosting.labels, "aws")
    models = _models(component, name, hosting, tags)
    config = _configuration(component, name, hosting, models, tags)
    endpoint = aws.sagemaker.Endpoint(
        name,
        name=endpoint_name_of(name),
        endpoint_config_name=config.name,
        deployment_config=None if hosting.deployment is None else dict(hosting.deployment),  # pyright: ignore[reportArgumentType]
        tags=tags or None,
        opts=component.child(depends_on=list(hosting.needs)),
    )
    in_service = InService(
        f"{name}-in-service",
        hosting.foundation.account,
        endpoint.name,
        config.name,
        hosting.rollback_alarms,
        component.child(depends_on=[endpoint]),
    )
    return Hosted(endpoint, in_service)


def invoke_url(account: Account, name: str) -> str:
    """Address of InvokeEndpoint.

    Source: https://docs.aws.amazon.com/general/latest/gr/sagemaker.html
    """
    return f"https://runtime.sagemaker.{account.region}.{account.domain}/endpoints/{name}/invocations"


def invoke_async_url(account: Account, name: str) -> str:
    """Address of InvokeEndpointAsync."""
    return invoke_url(account, name).removesuffix("invocations") + "async-invocations"


def model_of(
    component: Component,
    name: str,
    hosting: Hosting,
    artefact: Artefact,
    tags: Mapping[str, str],
    variant: str | None = None,
) -> aws.sagemaker.Model:
    """One version as a SageMaker model, under a name of its content; with the variant in it where one is given."""
    content = _content(hosting, artefact)
    whose = f"{name}-{artefact.version}" if variant is None else f"{name}-{variant}-{artefact.version}"
    logical = content_names.logical(whose, content)
    return aws.sagemaker.Model(
        logical,
        # With the name in Pulumi: another resource there, of a version that differs in nothing else or of a value that
        # was an Output before, is made before the old one goes, and must not meet its name.
        name=content_names.physical(name, "aws-sagemaker-model", content, logical),
        tags={**tags, VERSION_TAG: artefact.version},
        opts=component.child(**KEPT_UNTIL_REPLACED),
        **content,
    )


def _models(
    component: Component, name: str, hosting: Hosting, tags: Mapping[str, str]
) -> dict[str, aws.sagemaker.Model]:
    """Variant to its model; variants that differ in their instances only have one between them.

    Two of one version whose contents are known later may be one or two: then they are two, of different names.
    """
    contents: dict[str, dict[str, Any]] = {}
    models: dict[str, aws.sagemaker.Model] = {}
    for variant, fleet in {**hosting.variants, **hosting.shadows}.items():
        content = {**_content(hosting, fleet.artefact), "version": fleet.artefact.version}
        same = next((other for other, found in contents.items() if found == content), None)
        alike = any(content_names.known(found) == content_names.known(content) for found in contents.values())
        contents[variant] = content
        models[variant] = (
            model_of(component, name, hosting, fleet.artefact, tags, variant if alike else None)
            if same is None
            else models[same]
        )
    return models


def _content(hosting: Hosting, artefact: Artefact) -> dict[str, Any]:
    network = hosting.foundation.network
    vpc = {"security_group_ids": [network.model_security_group_id], "subnets": list(network.subnet_ids)}
    return {
        **content_of(artefact, isolated=hosting.isolated),
        **({"vpc_config": vpc} if hosting.in_vpc else {}),
        "execution_role_arn": hosting.role_arn,
    }


def _configuration(
    component: Component,
    name: str,
    hosting: Hosting,
    models: Mapping[str, aws.sagemaker.Model],
    tags: Mapping[str, str],
) -> aws.sagemaker.EndpointConfiguration:
    content = {
        "production_variants": _variants(hosting.variants, models),
        "shadow_production_variants": _variants(hosting.shadows, models) or None,
        "kms_key_arn": key_arn(hosting.foundation.encryption) if hosting.volume_key else None,
        **hosting.settings,
    }
    content = {word: value for word, value in content.items() if value is not None}
    # A model's name is an Output, but which model it is is known: by the name that Pulumi has for it.
    plain = {**content, "models": {variant: model.pulumi_resource_name for variant, model in models.items()}}
    logical = content_names.logical(name, plain)
    return aws.sagemaker.EndpointConfiguration(
        logical,
        name=content_names.physical(name, "aws-sagemaker-endpoint-config", content, logical),
        tags=dict(tags) or None,
        opts=component.child(**KEPT_UNTIL_REPLACED),
        **content,
    )


def _variants(fleets: Mapping[str, Fleet], models: Mapping[str, aws.sagemaker.Model]) -> list[dict[str, Any]]:
    return [
        {"variant_name": variant, "model_name": models[variant].name, **fleet.on} for variant, fleet in fleets.items()
    ]
