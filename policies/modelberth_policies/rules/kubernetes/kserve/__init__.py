"""KServe: what its resources become is made in the cluster, so nothing else reads them before."""

from modelberth_policies.rule import Rule
from modelberth_policies.rules.kubernetes.kserve import access, models, payloads, pods, rollout

RULES: tuple[Rule, ...] = (*pods.RULES, *models.RULES, *rollout.RULES, *access.RULES, *payloads.RULES)
