"""Seldon Core 1 (`v1/`: `SeldonDeployment`) and Seldon Core 2 (`v2/`: `Model`, `Server`, `Experiment`, `Pipeline`).

This library writes objects for a Seldon that somebody has installed, and ships nothing of it. Seldon Core 2 is under
the Business Source License since 2024-01-22: using it in production is paid for, about 18,000 dollars a year
(SeldonIO/seldon-core issue 5895). Of Seldon Core 1 look at the licence of your release:
https://docs.seldon.ai/seldon-core-1/getting-started/license. So neither is ever a default: a service names
`kubernetes:seldon/v1` or `kubernetes:seldon/v2`, and the foundation names the add-on seldon-core-1 or seldon-core-2.
KServe and plain Deployments serve the same models without a fee.
"""

from typing import TYPE_CHECKING

from modelberth.core.lazy import lazily

if TYPE_CHECKING:
    from modelberth.kubernetes.seldon.v1.config import (
        Explainer,
        Hpa,
        Orchestrator,
        Prepackaged,
        SeldonDeploymentEndpointArgs,
    )
    from modelberth.kubernetes.seldon.v1.endpoint import SeldonDeploymentEndpoint
    from modelberth.kubernetes.seldon.v1.graph import Unit, UnitContainer
    from modelberth.kubernetes.seldon.v2.config import Loading, ModelExplainer, SeldonModelEndpointArgs
    from modelberth.kubernetes.seldon.v2.endpoint import SeldonModelEndpoint
    from modelberth.kubernetes.seldon.v2.experiment import Mirror, SeldonExperiment, SeldonExperimentArgs
    from modelberth.kubernetes.seldon.v2.pipeline import PipelineOutput, PipelineStep, SeldonPipelineEndpointArgs
    from modelberth.kubernetes.seldon.v2.pipeline_endpoint import SeldonPipelineEndpoint
    from modelberth.kubernetes.seldon.v2.server import SeldonServer, SeldonServerArgs, ServerShape

__all__ = [
    "Explainer",
    "Hpa",
    "Loading",
    "Mirror",
    "ModelExplainer",
    "Orchestrator",
    "PipelineOutput",
    "PipelineStep",
    "Prepackaged",
    "SeldonDeploymentEndpoint",
    "SeldonDeploymentEndpointArgs",
    "SeldonExperiment",
    "SeldonExperimentArgs",
    "SeldonModelEndpoint",
    "SeldonModelEndpointArgs",
    "SeldonPipelineEndpoint",
    "SeldonPipelineEndpointArgs",
    "SeldonServer",
    "SeldonServerArgs",
    "ServerShape",
    "Unit",
    "UnitContainer",
]

__getattr__ = lazily(
    __name__,
    {
        "v1.config": ("Explainer", "Hpa", "Orchestrator", "Prepackaged", "SeldonDeploymentEndpointArgs"),
        "v1.endpoint": ("SeldonDeploymentEndpoint",),
        "v1.graph": ("Unit", "UnitContainer"),
        "v2.config": ("Loading", "ModelExplainer", "SeldonModelEndpointArgs"),
        "v2.endpoint": ("SeldonModelEndpoint",),
        "v2.experiment": ("Mirror", "SeldonExperiment", "SeldonExperimentArgs"),
        "v2.pipeline": ("PipelineOutput", "PipelineStep", "SeldonPipelineEndpointArgs"),
        "v2.pipeline_endpoint": ("SeldonPipelineEndpoint",),
        "v2.server": ("SeldonServer", "SeldonServerArgs", "ServerShape"),
    },
)
