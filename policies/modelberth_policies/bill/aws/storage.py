"""What lies somewhere: S3 buckets and ECR repositories. How much is an assumption."""

from collections.abc import Iterator

from modelberth_policies.bill.item import Entry, Item


def bucket(item: Item) -> Iterator[Entry]:
    """Standard storage, and the requests to it."""
    yield item.line("storage", "s3", "standard storage", item.monthly(item.use.s3_gb), f"{item.use.s3_gb:g} GB")
    thousands, words = item.monthly(item.use.s3_requests / 1000), f"{item.use.s3_requests:g} requests"
    yield item.line("writing requests", "s3", "writing requests", thousands, words)
    yield item.line("reading requests", "s3", "reading requests", thousands, words)


def repository(item: Item) -> Iterator[Entry]:
    """Images in a repository."""
    yield item.line("storage", "ecr", "storage", item.monthly(item.use.ecr_gb), f"{item.use.ecr_gb:g} GB")
