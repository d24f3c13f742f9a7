"""Keys, read for rules: whether a resource names one of one's own."""

from modelberth_policies.resources import read, reveal
from modelberth_policies.subject import Subject


def own_key(subject: Subject, path: str) -> bool:
    """Whether a key stands at `path` that is not one of those that AWS keeps for a service (`alias/aws/s3`)."""
    return subject.present(path) and not is_aws_managed(subject, path)


def is_aws_managed(subject: Subject, path: str) -> bool:
    """Whether the key at `path` is known to be one that AWS keeps for a service."""
    key = reveal(read(subject.whole, path))
    return isinstance(key, str) and "alias/aws/" in key


def key_shown(subject: Subject, path: str) -> str:
    """Which key is used, for a message."""
    return f"the key of AWS {subject.show(path)}" if is_aws_managed(subject, path) else "no key of its own"
