"""Ray: the head and the workers of a cluster, and the second cluster of an upgrade. Facts: KubeRay v1.5.1."""

from collections.abc import Iterator

from modelberth_policies.bill.autoscaling import between, words
from modelberth_policies.bill.item import Entry, Item, NotPriceable, Values
from modelberth_policies.bill.kubernetes.node import Asked, pod_hours
from modelberth_policies.bill.kubernetes.pod import asked_by, asked_of
from modelberth_policies.bill.model import UNBOUNDED, Range

POD = "template.spec"
AUTOSCALER = Asked(cores=0.5, gib=0.5)
"""What KubeRay gives the container that asks for workers: controllers/ray/common/pod.go."""
SUBMITTER = Asked(cores=0.5, gib=200 / 1024)
"""What it gives the pod that hands in a job: controllers/ray/common/job.go."""
MOST = 2**31 - 1
"""The maximum of a worker group where nobody says one: as good as none. apis/ray/v1/raycluster_types.go."""


def cluster(item: Item) -> Iterator[Entry]:
    """A cluster that stays."""
    yield from _pods(item, item.under("spec"), item.hours, f"{item.use.hours:g} h")


def service(item: Item) -> Iterator[Entry]:
    """A cluster, and at worst as much again: an upgrade keeps the old one until the new one is ready, which it may
    never be (kuberay#2274)."""
    surge = _surge(item)
    shown = f"{item.use.hours:g} h" + (f", up to {surge:g} times in an upgrade" if surge > 1 else "")
    yield from _pods(item, item.under("spec.rayClusterConfig"), item.hours * Range(1, 1, surge), shown)


def _surge(item: Item) -> float:
    """How many times the cluster may be there. In an incremental upgrade the head is there twice in any case."""
    kind = item.text("spec.upgradeStrategy.type", "NewCluster")
    options = "spec.upgradeStrategy.clusterUpgradeOptions"
    if kind == "NewClusterWithIncrementalUpgrade":
        return 1 + item.number(f"{options}.maxSurgePercent", 100) / 100
    return 1 if kind == "None" else 2


def job(item: Item) -> Iterator[Entry]:
    """A cluster for as long as jobs usually take; at worst until its deadline, and all month where none ends it."""
    if not item.has("spec.rayClusterSpec"):
        yield item.free("it runs on a cluster that is there already")
        return
    ends = item.flag("spec.shutdownAfterJobFinishes")
    kept = item.number("spec.ttlSecondsAfterFinished", 0) / 3600
    usual = item.use.job_minutes / 60 + kept if ends else item.use.hours
    bound = ends and item.has("spec.activeDeadlineSeconds")
    worst = item.number("spec.activeDeadlineSeconds") / 3600 + kept if bound else item.use.hours
    hours = Range(usual * item.use.quiet if ends else usual, usual, max(usual, worst))
    shown = f"1 run x {usual:.4g} h" if ends else f"{usual:g} h (nothing ends its cluster)"
    yield from _pods(item, item.under("spec.rayClusterSpec"), hours, shown)
    if item.text("spec.submissionMode", "K8sJobMode") != "HTTPMode":
        submitter = item.under("spec.submitterPodTemplate.spec")
        asked = asked_by(submitter) if submitter.has("containers") else SUBMITTER
        yield from pod_hours(item, asked, hours, f"1 pod x {shown}", "submitter")


def _pods(item: Item, cluster: Values, hours: Range, shown: str) -> Iterator[Entry]:
    if not cluster.has("headGroupSpec"):
        raise NotPriceable(f"{cluster.at}.headGroupSpec is not set")
    moving = cluster.flag("enableInTreeAutoscaling")
    asked = asked_by(cluster.under(f"headGroupSpec.{POD}"))
    head = asked + _autoscaler(cluster) if moving else asked
    yield from pod_hours(item, head, hours, f"1 pod x {shown}", "head")
    for group in cluster.each("workerGroupSpecs"):
        least, most = _workers(group, moving)
        name = f"workers {group.text('groupName', 'of a group')}"
        count = between(item, least, most)
        yield from pod_hours(
            item, asked_by(group.under(POD)), count * hours, f"{words(least, most, 'pods')} x {shown}", name
        )


def _autoscaler(cluster: Values) -> Asked:
    options = cluster.under("autoscalerOptions")
    return asked_of([options]) if options.has("resources") else AUTOSCALER


def _workers(group: Values, moving: bool) -> tuple[float, float]:
    """The fewest and the most pods of a group: its replicas, kept within its bounds, times the hosts of each."""
    hosts = group.number("numOfHosts", 1)
    least, most = group.number("minReplicas", 0), group.number("maxReplicas", MOST)
    if moving:
        return least * hosts, max(most, least) * hosts if most < MOST else UNBOUNDED
    fixed = max(min(group.number("replicas", least), most), least) * hosts
    return fixed, fixed
