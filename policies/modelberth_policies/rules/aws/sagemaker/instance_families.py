"""What a rule must know of instance types: `has_local_storage("ml.g5.xlarge")`, `is_accelerated("ml.p4d.24xlarge")`."""

from re import compile as pattern

LOCAL_STORAGE = frozenset(
    {
        *("m5d", "c5d", "r5d", "m6gd", "c6gd", "r6gd", "m6id", "c6id", "r6id", "r7gd"),
        *("g4dn", "g5", "g6", "g6e", "gr6", "g7", "g7e"),
        *("p3dn", "p4d", "p4de", "p5", "p5e", "p5en", "p6-b200", "p6-b300"),
        *("trn1", "trn1n", "trn2"),
        *("dl1", "p6e-gb200"),
    }
)
"""Families of which every size has NVMe storage of its own: encrypted in hardware, and SageMaker refuses a volume key.

Which have it: https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/instance-store-volumes.html, as DescribeInstanceTypes
says it (a copy in moto 5.2.5, read on 2026-11-21); of the last line, https://aws.amazon.com/ec2/instance-types/dl1/ and
https://aws.amazon.com/ec2/instance-types/p6/. That they take no key:
https://docs.aws.amazon.com/sagemaker/latest/APIReference/API_CreateEndpointConfig.html (KmsKeyId).
"""

_ACCELERATED = pattern(r"ml\.(?:g\d|gr\d|p\d|inf\d|trn\d|dl\d)")
"""Families are named for what they have, so that a coming generation counts before anybody lists it.

Source: https://docs.aws.amazon.com/ec2/latest/instancetypes/instance-type-names.html
"""


def family_of(instance_type: str) -> str:
    """`g5` of `ml.g5.xlarge`; empty for what is no instance type."""
    parts = instance_type.split(".")
    return parts[1] if len(parts) == 3 else ""


def has_local_storage(instance_type: str) -> bool:
    """Whether it has NVMe storage of its own, so that no volume key may be given."""
    return family_of(instance_type) in LOCAL_STORAGE


def is_accelerated(instance_type: str) -> bool:
    """Whether it has GPUs or Neuron devices."""
    return _ACCELERATED.match(instance_type) is not None
