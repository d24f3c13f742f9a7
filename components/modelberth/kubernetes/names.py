"""What names, labels and addresses may be, as the API server checks them; and how a choice is read.

Sources: https://kubernetes.io/docs/concepts/overview/working-with-objects/names/ and
https://kubernetes.io/docs/concepts/overview/working-with-objects/labels/#syntax-and-character-set
"""

import ipaddress
from typing import Annotated

from pydantic import AfterValidator, Field, StringConstraints

_LABEL = r"[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?"
_WORD = r"[A-Za-z0-9]([A-Za-z0-9._-]{0,61}[A-Za-z0-9])?"

DnsLabel = Annotated[str, StringConstraints(pattern=rf"^{_LABEL}$")]
"""A name of lower-case letters, digits and hyphens, 63 characters at most."""

DnsName = Annotated[str, StringConstraints(max_length=253, pattern=rf"^{_LABEL}(\.{_LABEL})*$")]
"""Such names with dots between them, 253 characters at most: `models.example.com`."""

LabelKey = Annotated[str, StringConstraints(max_length=317, pattern=rf"^({_LABEL}(\.{_LABEL})*/)?{_WORD}$")]
"""A label's key: a word of 63 characters at most; a domain and `/` may stand before it."""

LabelValue = Annotated[str, StringConstraints(pattern=rf"^({_WORD})?$")]
"""A label's value: 63 letters, digits, `.`, `_` and `-` at most, the first and last a letter or a digit; or nothing."""

Port = Annotated[int, Field(ge=1, le=65535)]
"""A TCP port."""


def network_of(cidr: str) -> str:
    """A network in its one spelling: `10.0.0.0/8`, `2001:db8::/32`. Raises `ValueError` for anything else."""
    try:
        return str(ipaddress.ip_network(cidr))
    except ValueError:
        pass
    try:
        fix = f"write {ipaddress.ip_network(cidr, strict=False)}, or that address with /32 or /128"
    except ValueError:
        fix = "write one like 10.0.0.0/8"
    raise ValueError(f"is no network: an address whose bits after the prefix are all 0; {fix}")


Cidr = Annotated[str, AfterValidator(network_of)]
"""A network of addresses: `10.0.0.0/8`. One address has the prefix /32, or /128."""
