"""Security contexts for containers in pods that Seldon makes. Pure."""

from collections.abc import Mapping
from typing import Any

from modelberth.kubernetes.manifest import Manifest
from modelberth.kubernetes.pods import HARDENED

ITS_OWN = {name: value for name, value in HARDENED.items() if name != "readOnlyRootFilesystem"}
"""The context of containers whose image is Seldon's: they write where they like, and Seldon documents nowhere where.
The restricted Pod Security Standard does not ask for a read-only root either."""


def contained(user: int, context: Mapping[str, Any] = HARDENED) -> Manifest:
    """All that the restricted standard asks of a pod, on a container.

    Seldon Core 1 puts its own security context in place of the pod's, so that on the pod alone it would be lost
    (SeldonIO/seldon-core issue 4711).
    """
    return {
        **context,
        "runAsUser": user,
        "runAsGroup": user,
        "seccompProfile": {"type": "RuntimeDefault"},
    }
