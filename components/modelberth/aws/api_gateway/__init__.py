"""Amazon API Gateway in front of an endpoint: `from modelberth.aws.api_gateway import RestFrontDoor`."""

from modelberth.aws.api_gateway.api import RestFrontDoor
from modelberth.aws.api_gateway.config import FrontDoorArgs, RestFrontDoorArgs

__all__ = ["FrontDoorArgs", "RestFrontDoor", "RestFrontDoorArgs"]
