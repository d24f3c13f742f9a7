"""Rules for tests of the pack server: each does something that a rule of ours should not, or that needs the stack."""

from collections.abc import Iterator

from modelberth_policies.packs import Pack
from modelberth_policies.rule import Category, Severity, resource_rule
from modelberth_policies.rules.aws.policy import statements_in
from modelberth_policies.subject import Subject

HIGH, SECURITY = Severity.HIGH, Category.SECURITY
TEXTS = {"why": "A test wants it.", "fix": "Do what the test wants."}


@resource_rule("own-raises", HIGH, SECURITY, "aws:sns/topic:Topic", **TEXTS)
def own_raises(topic: Subject) -> Iterator[str]:
    """Fails on a topic with a display name, and puts it into the error."""
    name = topic.value("displayName", "")
    if name:
        raise KeyError(name)
    yield from ()


@resource_rule("own-tells", HIGH, SECURITY, "aws:sagemaker/model:Model", **TEXTS)
def own_tells(model: Subject) -> Iterator[str]:
    """Puts every variable of the environment into its message."""
    for key, value in model.value("primaryContainer.environment", {}).items():
        yield f"sets {key} to {value}"


@resource_rule("own-quotes", HIGH, SECURITY, "aws:kms/key:Key", **TEXTS)
def own_quotes(key: Subject) -> Iterator[str]:
    """Puts a part of the policy document into its message."""
    for statement in statements_in(key.document("policy")):
        yield f"says {statement.text('Sid')}"


@resource_rule("own-needs-a-key", HIGH, SECURITY, "aws:cloudwatch/logGroup:LogGroup", **TEXTS)
def own_needs_a_key(group: Subject) -> Iterator[str]:
    """Is content with a key that another resource will give."""
    if not group.present("kmsKeyId"):
        yield "has no key"


PACK = Pack("own", "Rules for tests.", (own_raises, own_tells, own_quotes, own_needs_a_key))
