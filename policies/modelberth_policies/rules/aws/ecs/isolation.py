"""Tasks: what a container can reach of its host and its account."""

from collections.abc import Iterator

from modelberth_policies.rule import Category, Severity, resource_rule
from modelberth_policies.rules.aws.ecs.containers import TASK, called, containers
from modelberth_policies.subject import Subject, Undeterminable


@resource_rule(
    "ecs-no-privileged",
    Severity.CRITICAL,
    Category.SECURITY,
    TASK,
    over=containers,
    frameworks=("FSBP ECS.4",),
    anchors=("CKV_AWS_334", "FSBP:ECS.4"),
    why="A privileged container is root on its host, and on every task beside it.",
    fix="Leave privileged out, or false; ask for single capabilities under linuxParameters.",
)
def ecs_no_privileged(container: Subject) -> Iterator[str]:
    if container.value("privileged", False) is not False:
        yield f"runs its container {called(container)} privileged"


@resource_rule(
    "ecs-readonly-rootfs",
    Severity.MEDIUM,
    Category.SECURITY,
    TASK,
    over=containers,
    frameworks=("FSBP ECS.5",),
    anchors=("CKV_AWS_336", "FSBP:ECS.5"),
    why="Who breaks into a container that can write to its own files leaves tools there.",
    fix="Set readonlyRootFilesystem to true in the container, and mount a volume where it must write.",
)
def ecs_readonly_rootfs(container: Subject) -> Iterator[str]:
    """Windows has no such setting."""
    if container.value("readonlyRootFilesystem") is True:
        return
    if not container.root.text("runtimePlatform.operatingSystemFamily").startswith("WINDOWS"):
        yield f"lets its container {called(container)} write to its own root file system"


def _host_and_users(task: Subject) -> Iterator[Subject]:
    yield task
    if task.value("networkMode") == "host":
        yield from containers(task)


@resource_rule(
    "ecs-no-host-namespaces",
    Severity.HIGH,
    Category.SECURITY,
    TASK,
    over=_host_and_users,
    frameworks=("FSBP ECS.1", "FSBP ECS.3"),
    anchors=("CKV_AWS_335", "FSBP:ECS.1", "FSBP:ECS.3"),
    why="In the host's namespaces a container sees, and may stop or read, the processes of all others.",
    fix='Leave pid_mode and ipc_mode out, and set network_mode to "awsvpc"; or run as another user than root.',
)
def ecs_no_host_namespaces(part: Subject) -> Iterator[str]:
    """The network of the host is allowed to containers that are not root."""
    if part.path:
        user = part.value("user", "")
        if str(user).partition(":")[0].lower() in ("", "0", "root"):
            yield f"runs its container {called(part)} as root in the network of the host"
        return
    for path in ("pidMode", "ipcMode"):
        if part.value(path) == "host":
            yield f"shares a namespace with its host ({path} is 'host')"


@resource_rule(
    "ecs-separate-roles",
    Severity.MEDIUM,
    Category.SECURITY,
    TASK,
    frameworks=("NIST AC-6",),
    anchors=("CKV_AWS_249",),
    why="With the execution role the model's code can pull every image and read every secret that the agent may.",
    fix="Make a role for task_role_arn that is not the one of execution_role_arn.",
)
def ecs_separate_roles(task: Subject) -> Iterator[str]:
    own, agent = _role(task, "taskRoleArn"), _role(task, "executionRoleArn")
    if not own or not agent:
        return
    if type(own) is not type(agent):
        raise Undeterminable("taskRoleArn")
    if own == agent:
        yield "runs with the role of the agent that starts it (taskRoleArn is executionRoleArn)"


def _role(task: Subject, path: str) -> str | tuple[str, ...]:
    """Its ARN, or where that is still to come, what it comes from."""
    made_by = task.resource.property_dependencies.get(path, ())
    return tuple(sorted(made_by)) if task.computed(path) else str(task.value(path, ""))


RULES = (ecs_no_privileged, ecs_readonly_rootfs, ecs_no_host_namespaces, ecs_separate_roles)
