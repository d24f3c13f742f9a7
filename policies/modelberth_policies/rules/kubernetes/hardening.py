"""All controls of the restricted Pod Security Standard at once, for pods that a controller makes of a custom resource.

What its own runtime or configuration adds is not in the plan, so the resource must say everything itself.
"""

from collections.abc import Callable, Iterator

from modelberth_policies.rules.kubernetes import isolation, security_context
from modelberth_policies.rules.kubernetes.asking import say_all
from modelberth_policies.rules.kubernetes.pods import containers_of, is_container, pods_of, role_of, volumes_of
from modelberth_policies.subject import Subject

Control = Callable[[Subject], Iterator[str]]

_OF_CONTAINERS: tuple[Control, ...] = (
    security_context.is_privileged,
    security_context.runs_as_root,
    security_context.gains_privileges,
    security_context.keeps_capabilities,
    security_context.is_unconfined,
    isolation.takes_host_ports,
)


def parts_to_harden(resource: Subject) -> Iterator[Subject]:
    """Pods, containers and volumes, each to be asked by itself."""
    yield from pods_of(resource)
    yield from containers_of(resource)
    yield from volumes_of(resource)


def is_soft(part: Subject) -> Iterator[str]:
    """Half a sentence for each control that a pod, container or volume breaks."""
    if is_container(part):
        yield from say_all(*(control(part) for control in _OF_CONTAINERS))
    elif role_of(part) == "volumes":
        yield from isolation.is_of_the_node(part)
    else:
        yield from isolation.shares_the_host(part)
