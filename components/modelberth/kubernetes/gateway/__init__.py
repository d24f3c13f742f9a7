"""The front door: a route before an endpoint, checked and counted: `from modelberth.kubernetes.gateway import …`.

A request's body is limited in size and not checked against a schema: neither Envoy Gateway nor Istio has a check of
JSON, and the Lua that Envoy Gateway could run in between cannot read it. The model server checks it.
"""

from typing import TYPE_CHECKING

from modelberth.core.lazy import lazily

if TYPE_CHECKING:
    from modelberth.kubernetes.gateway.config import GatewayFrontDoorArgs
    from modelberth.kubernetes.gateway.front_door import GatewayFrontDoor

__all__ = ["GatewayFrontDoor", "GatewayFrontDoorArgs"]

__getattr__ = lazily(__name__, {"config": ("GatewayFrontDoorArgs",), "front_door": ("GatewayFrontDoor",)})
