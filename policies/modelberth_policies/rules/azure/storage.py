"""Azure storage accounts: nobody's but yours, over TLS, and no key that opens all of it."""

from collections.abc import Iterator

from modelberth_policies.rule import Category, Severity, resource_rule
from modelberth_policies.rules.azure.words import says
from modelberth_policies.subject import Subject

ACCOUNT = "azure-native:storage:StorageAccount"


@resource_rule(
    "storage-account-hardening",
    Severity.CRITICAL,
    Category.SECURITY,
    ACCOUNT,
    frameworks=("CIS Azure",),
    anchors=("CKV_AZURE_190", "CKV_AZURE_3", "CKV_AZURE_44", "CKV_AZURE_35", "CKV2_AZURE_40"),
    why="One setting makes models or requests public, and one account key opens all of them for ever.",
    fix='Set allow_shared_key_access false, minimum_tls_version "TLS1_2" and network_rule_set.default_action "Deny"; '
    "leave allow_blob_public_access off and enable_https_traffic_only on.",
)
def storage_account_hardening(account: Subject) -> Iterator[str]:
    """Public blobs are off, and HTTPS on, where nobody says; the other three are not."""
    if account.value("enableHttpsTrafficOnly", True) is not True:
        yield f"takes requests that are not encrypted ({_shown(account, 'enableHttpsTrafficOnly')})"
    if not says(account, "minimumTlsVersion", "TLS1_2", "TLS1_3"):
        yield f"takes outdated encryption ({_shown(account, 'minimumTlsVersion')})"
    if account.value("allowSharedKeyAccess") is not False:
        yield f"has a key that opens all of it ({_shown(account, 'allowSharedKeyAccess')})"
    if account.limits.is_public(account.resource.urn):
        return
    if account.value("allowBlobPublicAccess", False) is not False:
        yield f"can be made public ({_shown(account, 'allowBlobPublicAccess')})"
    if says(account, "publicNetworkAccess", "Disabled") or says(account, "networkRuleSet.defaultAction", "Deny"):
        return
    yield f"answers every network ({_shown(account, 'networkRuleSet.defaultAction')})"


def _shown(account: Subject, path: str) -> str:
    return f"{path} is {account.show(path)}"


RULES = (storage_account_hardening,)
