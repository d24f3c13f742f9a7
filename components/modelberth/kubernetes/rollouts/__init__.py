"""Argo Rollouts: canary and blue/green that Argo carries out, with analyses made of the gates."""

from typing import TYPE_CHECKING

from modelberth.core.lazy import lazily

if TYPE_CHECKING:
    from modelberth.kubernetes.rollouts.config import RolloutEndpointArgs
    from modelberth.kubernetes.rollouts.endpoint import RolloutEndpoint

__all__ = ["RolloutEndpoint", "RolloutEndpointArgs"]

__getattr__ = lazily(__name__, {"config": ("RolloutEndpointArgs",), "endpoint": ("RolloutEndpoint",)})
