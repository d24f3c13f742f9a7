"""Components for Amazon Web Services. What several products share is here; each product is a package of its own."""

from typing import TYPE_CHECKING

from modelberth.core.lazy import lazily

if TYPE_CHECKING:
    from modelberth.aws.alert_channel import AlertChannel, AlertChannelArgs
    from modelberth.aws.bucket import PrivateBucket, PrivateBucketArgs
    from modelberth.aws.budget import MonthlyBudget, MonthlyBudgetArgs
    from modelberth.aws.encryption import CustomerKey, OwnedKey, OwnedKeyArgs, ProviderKey
    from modelberth.aws.foundation import AwsFoundation, AwsFoundationArgs, Foundation
    from modelberth.aws.network import Network, PrivateNetwork, PrivateNetworkArgs
    from modelberth.aws.provider import Account
    from modelberth.aws.registry import ModelRegistry, ModelRegistryArgs, Registry
    from modelberth.aws.shared import exported, shared_from

__all__ = [
    "Account",
    "AlertChannel",
    "AlertChannelArgs",
    "AwsFoundation",
    "AwsFoundationArgs",
    "CustomerKey",
    "Foundation",
    "ModelRegistry",
    "ModelRegistryArgs",
    "MonthlyBudget",
    "MonthlyBudgetArgs",
    "Network",
    "OwnedKey",
    "OwnedKeyArgs",
    "PrivateBucket",
    "PrivateBucketArgs",
    "PrivateNetwork",
    "PrivateNetworkArgs",
    "ProviderKey",
    "Registry",
    "exported",
    "shared_from",
]

__getattr__ = lazily(
    __name__,
    {
        "alert_channel": (
            "AlertChannel",
            "AlertChannelArgs",
        ),
        "bucket": (
            "PrivateBucket",
            "PrivateBucketArgs",
        ),
        "budget": (
            "MonthlyBudget",
            "MonthlyBudgetArgs",
        ),
        "encryption": (
            "CustomerKey",
            "OwnedKey",
            "OwnedKeyArgs",
            "ProviderKey",
        ),
        "foundation": (
            "AwsFoundation",
            "AwsFoundationArgs",
            "Foundation",
        ),
        "network": (
            "Network",
            "PrivateNetwork",
            "PrivateNetworkArgs",
        ),
        "provider": ("Account",),
        "registry": (
            "ModelRegistry",
            "ModelRegistryArgs",
            "Registry",
        ),
        "shared": (
            "exported",
            "shared_from",
        ),
    },
)
