"""Keys: an owned one with rotation, one that is there already, or the provider's with a reason. Grants to use them."""

from collections.abc import Sequence
from typing import Annotated, Any, Literal

import pulumi
import pulumi_aws as aws
from pydantic import Field

from modelberth.aws.identity import after, document, name_in_aws
from modelberth.aws.ids import shaped
from modelberth.aws.key_policy import KeyUser, key_statements
from modelberth.aws.provider import Account
from modelberth.core.component import Component
from modelberth.core.config import Config, In
from modelberth.core.labels import Labels, render

KeyArn = Annotated[
    str,
    shaped(
        r"arn:aws[a-z-]*:kms:[a-z0-9-]+:\d{12}:key/[A-Za-z0-9-]+",
        "the ARN of a key; write arn:aws:kms:<region>:<account>:key/<id>, and no alias: policies and grants take none",
    ),
]
"""The ARN of a KMS key."""

PrincipalArn = Annotated[
    str,
    shaped(
        r"arn:aws[a-z-]*:(iam::\d{12}:(role|user)/[^\s*]+|iam::\d{12}:root|sts::\d{12}:assumed-role/[^\s*]+)",
        "a principal; write arn:aws:iam::<account>:role/<name>",
    ),
]
"""The ARN of somebody: a role, a user, a session, or a whole account (`…:root`)."""


class CustomerKey(Config):
    """A KMS key of one's own: made by `OwnedKey`, or one that is there already."""

    arn: In[KeyArn]
    """ARN of the key."""


class ProviderKey(Config):
    """The provider's key, which nobody can revoke."""

    reason: Annotated[str, Field(min_length=10)]
    """Why no key of one's own."""


Encryption = CustomerKey | ProviderKey
"""A required choice."""


def key_arn(encryption: Encryption) -> In[str] | None:
    """The ARN for a provider's field; None leaves it to the provider's key."""
    return encryption.arn if isinstance(encryption, CustomerKey) else None


Operation = Literal["Decrypt", "DescribeKey", "Encrypt", "GenerateDataKey", "GenerateDataKeyWithoutPlaintext"]
"""What a principal may be granted to do with a key."""


def grant_use(
    name: str,
    encryption: Encryption,
    principal_arn: pulumi.Input[str],
    operations: Sequence[Operation],
    opts: pulumi.ResourceOptions | None = None,
) -> aws.kms.Grant | None:
    """Let one principal do this with the key, and nothing else; whatever the key's policy says of it.

    The provider's key takes no grants: None. A grant is revoked with its resource. Until it holds everywhere, KMS may
    need five minutes: https://docs.aws.amazon.com/kms/latest/developerguide/grants.html#terms-eventual-consistency
    """
    if isinstance(encryption, ProviderKey):
        return None
    return aws.kms.Grant(
        name,
        name=name,
        key_id=encryption.arn,
        grantee_principal=principal_arn,
        operations=list(operations),
        # The new one before the old one is revoked: what runs goes on reading. With its explicit name, the old one
        # would go first.
        opts=pulumi.ResourceOptions.merge(opts, pulumi.ResourceOptions(delete_before_replace=False)),
    )


class OwnedKeyArgs(Config):
    """A key for everything that one account keeps in one region."""

    account: Account
    """Region and account of the key."""

    administrators: tuple[In[PrincipalArn], ...] = ()
    """Who administers it without an IAM policy that says so; they may let others use it. Left out: those whom an IAM
    policy of the account lets, and who may besides in any case."""

    services: tuple[KeyUser, ...] = ("logs", "cloudwatch", "budgets")
    """Services that use it by themselves: `logs` for log groups; `cloudwatch` (alarms) and `budgets` to publish to a
    topic that it encrypts. Left out: all three."""

    rotation_days: Annotated[int, Field(ge=90, le=2560)] = 365
    """Days after which its material is a new one; what was encrypted before stays readable. Left out: 365."""

    deletion_window_days: Annotated[int, Field(ge=7, le=30)] = 30
    """Days between destroying the key and its end, in which it can be saved; without it all that it encrypts is lost.
    Left out: 30, the longest there is."""

    protect: bool = False
    """Whether Pulumi refuses to destroy it. Left out: no, the deletion window leaves time; strict profiles set it."""

    labels: Labels | None = None
    """Who owns it. Left out: no tags."""


class OwnedKey(Component):
    """A symmetric KMS key with rotation, an alias, and a policy that locks nobody out.

    The account administers it through IAM policies. Whom an IAM policy lets uses it through AWS's services and never
    directly; whom a grant lets (`grant_use`) does what the grant says; and the services that are named use it for this
    account alone.
    """

    encryption: CustomerKey
    """The key, for the fields that want one."""

    def __init__(
        self, name: str, args: OwnedKeyArgs | dict[str, Any], opts: pulumi.ResourceOptions | None = None
    ) -> None:
        args = OwnedKeyArgs.parse(args, name)
        super().__init__(name, args, opts)
        key = aws.kms.Key(
            name,
            description=f"Encrypts what {name} is for.",
            enable_key_rotation=True,
            rotation_period_in_days=args.rotation_days,
            deletion_window_in_days=args.deletion_window_days,
            policy=document(key_statements(args.account, args.administrators, args.services)),
            tags=None if args.labels is None else render(args.labels, "aws"),
            # True or nothing: what the component was given is inherited.
            opts=self.child(protect=True if args.protect else None),
        )
        # An alias may be longer than a role's name, and not otherwise.
        alias = aws.kms.Alias(
            name, name=f"alias/{name_in_aws(name, 'aws-iam-role')}", target_key_id=key.key_id, opts=self.child()
        )
        self.encryption = CustomerKey(arn=after(key.arn, alias))
        self.register_outputs({"arn": self.encryption.arn})
