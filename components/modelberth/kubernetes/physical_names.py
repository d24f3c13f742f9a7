"""Names of objects where a product takes fewer of them than the API does, and names that follow what is inside."""

import re
from collections.abc import Mapping
from typing import Any

import pulumi

from modelberth.core.errors import ConfigError, Fault
from modelberth.core.naming import fingerprint

FINGERPRINT = 9
"""Characters that `named_by` adds."""
_DNS_1035 = re.compile(r"[a-z]([a-z0-9-]*[a-z0-9])?")
"""Source: https://kubernetes.io/docs/concepts/overview/working-with-objects/names/#rfc-1035-label-names"""


def check_name(name: str, longest: int, who: str) -> None:
    """Raises `ConfigError` for a name that `who` would refuse once it has it, or of which no Service could be made."""
    if len(name) > longest:
        what = f"got {len(name)} characters; {who} takes {longest} at most"
        raise ConfigError([Fault("name", what, "shorten it")], name)
    if _DNS_1035.fullmatch(name) is None:
        what = f"got {name!r}; {who} takes lower-case letters, digits and '-', a letter first and no '-' last"
        raise ConfigError([Fault("name", what, "rename it")], name)


def named_by(prefix: str, content: Mapping[str, Any]) -> pulumi.Input[str]:
    """`<prefix>-<fingerprint>`: another content, another name, where an object cannot be changed. Pure.

    Known once the content is: at once, unless there is an Output in it.
    """
    if _late(content):
        return pulumi.Output.from_input(dict(content)).apply(lambda plain: f"{prefix}-{fingerprint(plain)}")
    return f"{prefix}-{fingerprint(content)}"


def _late(content: object) -> bool:
    """Whether any part of a content is an Output."""
    if isinstance(content, Mapping):
        return any(map(_late, content.values()))
    return any(map(_late, content)) if isinstance(content, list | tuple) else isinstance(content, pulumi.Output)
