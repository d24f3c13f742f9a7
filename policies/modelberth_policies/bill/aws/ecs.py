"""ECS services on Fargate: tasks x what each reserves x hours."""

from collections.abc import Iterator

from modelberth_policies.bill.aws.scaling import Scalable, scaled
from modelberth_policies.bill.item import Entry, Item, NotPriceable, Values
from modelberth_policies.bill.related import related
from modelberth_policies.resources import GAP, read_text

TASK_DEFINITION = "aws:ecs/taskDefinition:TaskDefinition"
CLUSTER = "aws:ecs/cluster:Cluster"


def service(item: Item) -> Iterator[Entry]:
    """The tasks of a service. Those on instances are paid for with their cluster's instances."""
    where = _capacity(item)
    if where == "EC2":
        yield item.free("its tasks run on the cluster's instances, which are billed")
        return
    task = related(item, "taskDefinition", TASK_DEFINITION, "family")
    if task is None:
        raise NotPriceable("its task definition is not in this plan")
    definition = Values(task.inputs, "the task definition's")
    tasks = scaled(item, _scalable(item), item.number("desiredCount", 1), "tasks")
    cpu, memory = definition.number("cpu") / 1024, definition.number("memory") / 1024
    arm = definition.text("runtimePlatform.cpuArchitecture", "X86_64").upper() == "ARM64"
    kind = f"linux/{'arm64' if arm else 'x86'}"
    words = f"{tasks.words} x {{}} x {item.use.hours:g} h"
    sold = "fargate-spot" if where == "FARGATE_SPOT" else "fargate"
    hours = tasks.count * item.hours
    yield item.line(f"vCPU {kind}", sold, f"vCPU {kind}", hours * cpu, words.format(f"{cpu:g} vCPU"))
    yield item.line(f"memory {kind}", sold, f"memory {kind}", hours * memory, words.format(f"{memory:g} GB"))


def _capacity(item: Item) -> str:
    providers = [each.text("capacityProvider") for each in item.each("capacityProviderStrategies")]
    if not providers:
        return item.text("launchType", "EC2")
    # Of a mix, the dearer: on demand.
    return "FARGATE" if "FARGATE" in providers else providers[0] if providers[0] == "FARGATE_SPOT" else "EC2"


def _scalable(item: Item) -> Scalable:
    name, _ = read_text(item.whole, "name")
    cluster = related(item, "cluster", CLUSTER, "name")
    known, _ = read_text(item.whole if cluster is None else cluster.inputs, "cluster" if cluster is None else "name")
    parts = [part for part in (known, name) if isinstance(part, str) and GAP not in part]
    id_ = f"service/{str(known).rpartition('/')[2]}/{name}" if len(parts) == 2 else None
    return Scalable(item.resource, "ecs:service:DesiredCount", id_, f"/{name}" if isinstance(name, str) else "")
