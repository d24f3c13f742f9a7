"""Tasks: what each container is, knows and writes. `containerDefinitions` is a JSON text, possibly known in parts."""

from collections.abc import Iterator

from modelberth_policies.rule import Category, Severity, resource_rule
from modelberth_policies.rules.credentials import credentials_in
from modelberth_policies.rules.images import not_pinned
from modelberth_policies.subject import Subject

TASK = "aws:ecs/taskDefinition:TaskDefinition"


def containers(task: Subject) -> Iterator[Subject]:
    """Its containers. Raises `Undeterminable` for a text that is unknown, or no JSON."""
    yield from task.document("containerDefinitions").each("")


def task_and_containers(task: Subject) -> Iterator[Subject]:
    """The task itself, then its containers; nothing of it where they are unknown."""
    parts = list(containers(task))
    yield task
    yield from parts


def called(container: Subject) -> str:
    """What a message calls a container: its name, or where it stands if all of the text is secret."""
    return container.path if container.secret else container.show("name")


@resource_rule(
    "ecs-no-env-secrets",
    Severity.CRITICAL,
    Category.SECURITY,
    TASK,
    over=task_and_containers,
    frameworks=("FSBP ECS.8",),
    anchors=("AWS-0036", "FSBP:ECS.8"),
    why="Whoever may describe the task definition reads it, and every revision is kept.",
    fix="Name the secret's ARN under secrets of the container, and leave its value out of containerDefinitions.",
)
def ecs_no_env_secrets(part: Subject) -> Iterator[str]:
    """A text of containers that is a secret as a whole was written with one inside."""
    if part.path:
        yield from credentials_in(part, "environment")
    elif part.document("containerDefinitions").secret:
        yield "has a secret among its containerDefinitions"


@resource_rule(
    "ecs-image-digest",
    Severity.HIGH,
    Category.SUPPLY_CHAIN,
    TASK,
    over=containers,
    frameworks=("NIST SI-7",),
    why="A tag can be moved, so the next task that starts may run another image than its neighbours.",
    fix="Write the container's image with its digest: <repository>@sha256:<64 hex digits>.",
)
def ecs_image_digest(container: Subject) -> Iterator[str]:
    yield from not_pinned(container)


@resource_rule(
    "ecs-logging",
    Severity.MEDIUM,
    Category.RELIABILITY,
    TASK,
    over=containers,
    frameworks=("FSBP ECS.9",),
    anchors=("FSBP:ECS.9", "prowler:ecs_task_definitions_logging_enabled"),
    why="What a container says before it dies is gone with it.",
    fix='Give every container a logConfiguration, such as {"logDriver": "awslogs", "options": {…}}.',
)
def ecs_logging(container: Subject) -> Iterator[str]:
    if container.text("logConfiguration.logDriver") in ("none", ""):
        yield f"keeps no log of its container {called(container)}"


RULES = (ecs_no_env_secrets, ecs_image_digest, ecs_logging)
