"""Names that follow content: a changed model or configuration is a new resource, and never meets an old name.

SageMaker's models and endpoint configurations cannot be changed, and their names are not free while the old ones live.
So both the name in Pulumi and the name in AWS end in a fingerprint of what is inside. The old one stays until the
endpoint serves the new one, and going back to an old content finds the old resource again, also after a failed update.
"""

from collections.abc import Mapping
from typing import Any

import pulumi

from modelberth.core.config import is_output
from modelberth.core.naming import fingerprint, physical_name

UNKNOWN = "<known when it is made>"


def logical(name: str, content: Mapping[str, Any]) -> str:
    """The name in Pulumi: `ranker-4kz2ab1c`. What only the cloud knows does not count: the program must not wait."""
    return f"{name}-{fingerprint(known(content))}"


def physical(name: str, rule: str, content: Mapping[str, Any], logical_name: str) -> pulumi.Output[str]:
    """The name in AWS: `prod-ranker--4kz2ab1c`, of the whole content and of the name in Pulumi.

    What is another resource to Pulumi must have another name in AWS, too: both stand there for a while.
    """
    stack = pulumi.get_stack()
    return pulumi.Output.from_input({**content, "logical": logical_name}).apply(
        lambda whole: physical_name(name, stack, rule, fingerprint(whole))
    )


def known(content: Any) -> Any:
    """The content with one word for each Output."""
    if is_output(content):
        return UNKNOWN
    if isinstance(content, Mapping):
        return {key: known(value) for key, value in content.items()}
    if isinstance(content, list | tuple):
        return [known(item) for item in content]
    return content
