"""Rules for Amazon SageMaker."""

from modelberth_policies.rule import Rule
from modelberth_policies.rules.aws.sagemaker import (
    access,
    artefacts,
    capture,
    encryption,
    images,
    instances,
    monitoring,
    network,
    notebooks,
    rollout,
    scaling,
)

RULES: tuple[Rule, ...] = (
    *access.RULES,
    *artefacts.RULES,
    *capture.RULES,
    *encryption.RULES,
    *images.RULES,
    *instances.RULES,
    *monitoring.RULES,
    *network.RULES,
    *notebooks.RULES,
    *rollout.RULES,
    *scaling.RULES,
)
