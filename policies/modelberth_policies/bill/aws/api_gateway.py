"""API Gateway: requests. REST and HTTP APIs have prices of their own."""

from collections.abc import Iterator

from modelberth_policies.bill.item import Entry, Item


def rest_api(item: Item) -> Iterator[Entry]:
    """The requests to a REST API."""
    yield _requests(item, "apigateway-rest")


def http_api(item: Item) -> Iterator[Entry]:
    """The requests to an HTTP API."""
    if item.text("protocolType") == "HTTP":
        yield _requests(item, "apigateway-http")
    else:
        yield item.unpriced("the catalogue has no price of a WebSocket API")


def stage(item: Item) -> Iterator[Entry]:
    """A stage is free without a cache."""
    if item.flag("cacheClusterEnabled"):
        yield item.unpriced("the catalogue has no price of a cache", "cache")
    else:
        yield item.free("a stage without a cache costs nothing; its API bears the requests")


def _requests(item: Item, service: str) -> Entry:
    millions = item.monthly(item.use.requests / 1e6)
    return item.line("requests", service, "requests", millions, f"{item.use.requests:g} requests")
