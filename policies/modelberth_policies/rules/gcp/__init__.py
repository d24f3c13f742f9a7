"""Rules for Google Cloud."""

from modelberth_policies.rule import Rule
from modelberth_policies.rules.gcp import (
    artifact_registry,
    cloud_run,
    cloud_run_access,
    gke,
    gke_nodes,
    iam,
    kms,
    storage,
    vertex_ai,
    vertex_logging,
)

RULES: tuple[Rule, ...] = (
    *gke.RULES,
    *gke_nodes.RULES,
    *vertex_ai.RULES,
    *vertex_logging.RULES,
    *cloud_run.RULES,
    *cloud_run_access.RULES,
    *storage.RULES,
    *kms.RULES,
    *artifact_registry.RULES,
    *iam.RULES,
)
