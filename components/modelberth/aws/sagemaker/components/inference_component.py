"""One inference component on an endpoint: its model, its copies, their scaling, its alarms and log group."""

from typing import Any

import pulumi
import pulumi_aws as aws

from modelberth.aws.foundation import Foundation
from modelberth.aws.identity import after
from modelberth.aws.sagemaker.autoscaling import Autoscaling
from modelberth.aws.sagemaker.components import specification
from modelberth.aws.sagemaker.components.in_force import InForce
from modelberth.aws.sagemaker.components.model import SharedModel, artefact
from modelberth.aws.sagemaker.components.monitoring import ComponentMonitoring
from modelberth.aws.sagemaker.components.scaling import autoscaling_args
from modelberth.aws.sagemaker.hosting import Hosting, model_of
from modelberth.aws.sagemaker.live import VERSION_TAG
from modelberth.aws.sagemaker.rollout import Rolling
from modelberth.core.component import Component
from modelberth.core.config import Config, In
from modelberth.core.labels import Labels, render
from modelberth.core.naming import physical_name

NAME_RULE = "aws-sagemaker-endpoint"
"""Inference components take the same names as endpoints.
Source: https://docs.aws.amazon.com/sagemaker/latest/APIReference/API_CreateInferenceComponent.html"""


class InferenceComponentArgs(Config):
    """One model on the instances of an endpoint that is there."""

    foundation: Foundation
    """Account, network, key and registry that it stands on."""

    endpoint_name: In[str]
    """Name of the endpoint, once it serves."""

    endpoint: str
    """The endpoint's name in the program: `ranker`."""

    component: str
    """Its own name within the endpoint: `stable`."""

    model: SharedModel
    """What runs, in how many copies."""

    role_arn: In[str]
    """ARN of the role with which the model runs, once its policy is in force."""

    isolated: bool
    """Whether its containers have no network at all, as the endpoint has it."""

    rolling: Rolling | None = None
    """How copies are replaced. Left out: all at once, and nothing is rolled back."""

    monitoring: ComponentMonitoring
    """Its alarms and its log group."""

    labels: Labels | None = None
    """Who owns it and what it is. Left out: the version alone is a tag."""


class InferenceComponent(Component):
    """A model that takes a share of an endpoint's instances.

    A changed version is an update in place: name, scaling and alarms stay. The old model lives until the new one is in
    force.
    """

    name: pulumi.Output[str]
    """Its name in AWS, once it serves and scales: callers name it with each request."""

    def __init__(
        self, name: str, args: InferenceComponentArgs | dict[str, Any], opts: pulumi.ResourceOptions | None = None
    ) -> None:
        args = InferenceComponentArgs.parse(args, name)
        super().__init__(name, args, opts)
        tags = tags_of(args)
        component_name = component_name_of(args.endpoint, args.component)
        model = self._model(args, tags)
        wanted = specification.component(component_name, args.endpoint_name, model.name, args.model, tags)
        made = aws.cloudcontrol.Resource(
            name,
            type_name=specification.COMPONENT_TYPE,
            desired_state=pulumi.Output.json_dumps(wanted),
            # What changes later is the business of `InForce`, which says why.
            opts=self.child(depends_on=[args.monitoring], ignore_changes=["desired_state"]),
        )
        in_force = self._in_force(name, args, wanted, tags, made)
        scaled = self._scaling(name, args, in_force)
        self.name = after(component_name, in_force, *scaled)
        self.register_outputs({"name": self.name})

    def _model(self, args: InferenceComponentArgs, tags: dict[str, str]) -> aws.sagemaker.Model:
        hosting = Hosting(args.foundation, args.role_arn, variants={}, isolated=args.isolated)
        return model_of(self, args.endpoint, hosting, artefact(args.model), tags, args.component)

    def _in_force(
        self,
        name: str,
        args: InferenceComponentArgs,
        wanted: specification.Words,
        tags: dict[str, str],
        made: pulumi.Resource,
    ) -> InForce:
        alarms = args.monitoring.rollback_alarms
        guard = specification.deployment_config(args.rolling, alarms)
        return InForce(
            f"{name}-in-force",
            args.foundation.account,
            wanted["InferenceComponentName"],
            pulumi.Output.json_dumps(wanted["Specification"]),
            None if args.model.scaling is not None else wanted["RuntimeConfig"]["CopyCount"],
            tags,
            "" if guard is None else pulumi.Output.json_dumps(guard),
            pulumi.Output.all(*alarms),
            self.child(depends_on=[made]),
        )

    def _scaling(self, name: str, args: InferenceComponentArgs, in_force: InForce) -> list[Autoscaling]:
        if args.model.scaling is None:
            return []
        component_name = component_name_of(args.endpoint, args.component)
        scaling = autoscaling_args(component_name, args.model.scaling, args.labels)
        return [Autoscaling(f"{name}-scaling", scaling, self.child(depends_on=[in_force]))]


def component_name_of(endpoint: str, component: str) -> str:
    """The name of an inference component in AWS: `prod-ranker--stable`. It stays when the version changes."""
    return physical_name(endpoint, pulumi.get_stack(), NAME_RULE, component)


def tags_of(args: InferenceComponentArgs) -> dict[str, str]:
    """The tags of the component and its model. The version is that of the model, whatever the labels say."""
    if args.labels is None:
        return {VERSION_TAG: args.model.version}
    return render(args.labels.model_copy(update={"version": args.model.version}), "aws")
