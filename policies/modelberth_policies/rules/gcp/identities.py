"""Whom a grant on Google Cloud names, and as whom a workload runs."""

from collections.abc import Iterator

from modelberth_policies.rules.parts import known, of_each
from modelberth_policies.subject import Subject

EVERYONE = ("allUsers", "allAuthenticatedUsers")
_DEFAULT_ACCOUNTS = ("-compute@developer.gserviceaccount.com", "@appspot.gserviceaccount.com")
"""Compute Engine's and App Engine's, which are born as editors of the project."""


def bindings_of(grant: Subject) -> Iterator[Subject]:
    """Roles with their members: an IAM policy holds several, anything else is one."""
    if grant.type.endswith("Policy"):
        yield from grant.document("policyData").each("bindings")
    else:
        yield grant


def everyone_in(binding: Subject) -> Iterator[str]:
    """Says so where everyone gets the role, unless the grant is declared to be public."""
    if binding.limits.is_public(binding.resource.urn):
        return
    for member in _named(binding, "member") if binding.type.endswith("Member") else _all_named(binding):
        yield f"gives {binding.show('role')} to {member}"


def _named(subject: Subject, path: str = "") -> Iterator[str]:
    if (member := known(subject, path)) in EVERYONE:
        yield member


def _all_named(binding: Subject) -> Iterator[str]:
    yield from of_each(binding.each("members"), _named)


def runs_as_default(subject: Subject, path: str) -> Iterator[str]:
    """Says so where the service account at `path` is left out, or is one that Google makes for every project."""
    if not subject.present(path):
        yield f"runs as the project's default service account ({path} is unset)"
        return
    account = known(subject, path)
    if account == "default" or account.endswith(_DEFAULT_ACCOUNTS):
        yield f"runs as a default service account ({path} is {subject.show(path)})"
