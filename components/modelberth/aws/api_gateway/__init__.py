"""Amazon API Gateway in front of an endpoint: `from modelberth.aws.api_gateway import RestFrontDoor`."""

from typing import TYPE_CHECKING

from modelberth.core.lazy import lazily

if TYPE_CHECKING:
    from modelberth.aws.api_gateway.api import RestFrontDoor
    from modelberth.aws.api_gateway.config import RestFrontDoorArgs

__all__ = [
    "RestFrontDoor",
    "RestFrontDoorArgs",
]

__getattr__ = lazily(
    __name__,
    {
        "api": ("RestFrontDoor",),
        "config": ("RestFrontDoorArgs",),
    },
)
