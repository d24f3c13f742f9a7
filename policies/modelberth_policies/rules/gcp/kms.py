"""Keys: they rotate, and no key is everyone's."""

import re
from collections.abc import Iterator

from modelberth_policies.rule import Category, Severity, resource_rule
from modelberth_policies.rules.gcp.identities import bindings_of, everyone_in
from modelberth_policies.subject import Subject

KEY = "gcp:kms/cryptoKey:CryptoKey"
GRANTS = (
    "gcp:kms/cryptoKeyIAMMember:CryptoKeyIAMMember",
    "gcp:kms/cryptoKeyIAMBinding:CryptoKeyIAMBinding",
    "gcp:kms/cryptoKeyIAMPolicy:CryptoKeyIAMPolicy",
    "gcp:kms/keyRingIAMMember:KeyRingIAMMember",
    "gcp:kms/keyRingIAMBinding:KeyRingIAMBinding",
    "gcp:kms/keyRingIAMPolicy:KeyRingIAMPolicy",
)
MAX_ROTATION_DAYS = 90
_SECONDS = re.compile(r"(\d+(?:\.\d+)?)s")


@resource_rule(
    "gcp-kms-rotation",
    Severity.MEDIUM,
    Category.SECURITY,
    KEY,
    *GRANTS,
    frameworks=("CIS GCP 1.9", "CIS GCP 1.10"),
    anchors=("CKV_GCP_43", "CKV2_GCP_6"),
    over=bindings_of,
    why="Data that was encrypted years apart should not fall with one key, and no key should be everyone's.",
    fix='Set rotation_period to "7776000s" or less, and grant the key to named members only.',
)
def gcp_kms_rotation(key: Subject) -> Iterator[str]:
    if key.type != KEY:
        yield from everyone_in(key)
    elif _can_rotate(key):
        seconds = _SECONDS.fullmatch(key.text("rotationPeriod"))
        if seconds is None:
            yield f"does not rotate (rotationPeriod is {key.show('rotationPeriod')})"
        elif float(seconds[1]) > MAX_ROTATION_DAYS * 24 * 60 * 60:
            yield f"rotates every {key.show('rotationPeriod')}; the longest is {MAX_ROTATION_DAYS} days"


def _can_rotate(key: Subject) -> bool:
    """KMS rotates symmetric keys for encryption only, whose material it made itself."""
    return key.text("purpose", "ENCRYPT_DECRYPT") == "ENCRYPT_DECRYPT" and key.value("importOnly") is not True


RULES = (gcp_kms_rotation,)
