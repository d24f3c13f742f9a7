"""What is asked of objects in a Kubernetes cluster, whichever cloud it stands in.

Objects are read where the program makes them: resources of the SDK, `CustomResource`s, and the children of
`kubernetes:yaml:ConfigFile` and `ConfigGroup`, which the SDK itself reads. What the provider renders only when it is
asked is opaque to a check without the engine: Helm charts and releases, `kubernetes:yaml/v2:*`, Kustomize. On the
engine the objects of `yaml/v2` and of `helm.sh/v4:Chart` reach the same rules; those of a `Release` never do.
"""

from modelberth_policies.rule import Rule
from modelberth_policies.rules.kubernetes import (
    exposure,
    gpus,
    identity,
    images,
    isolation,
    kserve,
    namespaces,
    network,
    rbac,
    resources,
    scaling,
    security_context,
    seldon,
)

RULES: tuple[Rule, ...] = (
    *security_context.RULES,
    *isolation.RULES,
    *images.RULES,
    *resources.RULES,
    *identity.RULES,
    *namespaces.RULES,
    *network.RULES,
    *exposure.RULES,
    *rbac.RULES,
    *scaling.RULES,
    *gpus.RULES,
    *kserve.RULES,
    *seldon.RULES,
)
