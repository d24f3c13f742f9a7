"""Kubernetes' own workloads, and Argo's rollouts: pods x what each reserves x hours."""

from collections.abc import Iterator

from modelberth_policies.bill.autoscaling import between, words
from modelberth_policies.bill.item import Entry, Item, NotPriceable
from modelberth_policies.bill.kubernetes.cron import runs_per_month
from modelberth_policies.bill.kubernetes.node import pod_hours
from modelberth_policies.bill.kubernetes.pod import asked_by
from modelberth_policies.bill.kubernetes.scaling import bounds
from modelberth_policies.bill.model import Range

TEMPLATE = "spec.template.spec"
DEFAULT_KEDA_JOBS = 100


def replicated(item: Item) -> Iterator[Entry]:
    """Deployment, StatefulSet and their like."""
    least, most = bounds(item)
    shown = f"{words(least, most, 'pods')} x {item.use.hours:g} h"
    yield from pod_hours(item, asked_by(item.under(TEMPLATE)), between(item, least, most) * item.hours, shown)
    if item.count("spec.volumeClaimTemplates"):
        yield item.unpriced(VOLUMES, "volumes")


VOLUMES = "the plan does not show which cloud's disks the cluster makes volumes of"


def rollout(item: Item) -> Iterator[Entry]:
    """Argo's Rollout: at worst, with the pods of a new version beside all of the old ones, for as long as it is baked.

    (A Deployment replaces its pods one after the other; what it starts early is there for minutes, and not counted.)
    """
    least, most = bounds(item)
    surge = _surge(item)
    hours = between(item, least, most) * item.hours * Range(1, 1, surge)
    shown = f"{words(least, most, 'pods')} x {item.use.hours:g} h, up to {surge:g} times in a rollout"
    yield from pod_hours(item, asked_by(item.under(TEMPLATE)), hours, shown)


def _surge(item: Item) -> float:
    """Blue and green, or behind a router both versions whole: argoproj.github.io/argo-rollouts/features/canary."""
    if item.has("spec.strategy.blueGreen") or item.has("spec.strategy.canary.trafficRouting"):
        return 2
    given = item.value("spec.strategy.canary.maxSurge", "25%")
    share = str(given).removesuffix("%") if str(given).endswith("%") else None
    if share is not None and share.isdigit():
        return 1 + int(share) / 100
    return 1 + item.number("spec.strategy.canary.maxSurge") / max(bounds(item)[1], 1)


def pod(item: Item) -> Iterator[Entry]:
    """One pod."""
    yield from pod_hours(item, asked_by(item.under("spec")), item.hours, f"1 pod x {item.use.hours:g} h")


def daemon_set(item: Item) -> Iterator[Entry]:
    """One pod on each node, and nobody knows how many nodes there are."""
    raise NotPriceable("a DaemonSet runs on every node, and the plan does not show how many there are")
    yield


def job(item: Item) -> Iterator[Entry]:
    """One run: as long as jobs usually take, at worst until its deadline, with every retry."""
    hours, shown = _run(item, "spec", 1.0)
    yield from pod_hours(item, asked_by(item.under(TEMPLATE)), hours, shown)


def cron_job(item: Item) -> Iterator[Entry]:
    """As many runs as its schedule makes in a month."""
    schedule = item.text("spec.schedule")
    runs = 0.0 if item.flag("spec.suspend") else runs_per_month(schedule)
    if runs is None:
        raise NotPriceable(f"the schedule {schedule!r} is not understood")
    hours, shown = _run(item, "spec.jobTemplate.spec", runs)
    yield from pod_hours(item, asked_by(item.under(f"spec.jobTemplate.{TEMPLATE}")), hours, shown)


def _run(item: Item, path: str, runs: float) -> tuple[Range, str]:
    """Hours of its pods. Without a deadline a job may hang all month, and one after another."""
    spec = item.under(path)
    pods = max(spec.number("completions", 1), spec.number("parallelism", 1))
    usual = item.use.job_minutes / 60
    month = item.use.hours * max(spec.number("parallelism", 1), 1.0)
    deadline = spec.number("activeDeadlineSeconds") / 3600 * pods * runs if spec.has("activeDeadlineSeconds") else month
    expected = usual * pods * runs
    hours = Range(expected * item.use.quiet, expected, max(expected, deadline))
    return hours, f"{runs:.4g} runs x {pods:g} pods x {item.use.job_minutes:g} min"


def replica_group(item: Item) -> Iterator[Entry]:
    """LeaderWorkerSet: groups of one leader and its workers."""
    groups, size = item.number("spec.replicas", 1), item.number("spec.leaderWorkerTemplate.size", 1)
    template = item.under("spec.leaderWorkerTemplate")
    worker = "workerTemplate.spec"
    leader = "leaderTemplate.spec" if template.has("leaderTemplate.spec") else worker
    for what, path, count in (("leaders", leader, groups), ("workers", worker, groups * max(size - 1, 0))):
        if count:
            hours = Range.of(count * item.use.hours)
            shown = f"{count:g} pods x {item.use.hours:g} h"
            yield from pod_hours(item, asked_by(template.under(path)), hours, shown, what)


def scaled_job(item: Item) -> Iterator[Entry]:
    """KEDA's jobs: as many at once as it is allowed to start."""
    most = item.number("spec.maxReplicaCount", DEFAULT_KEDA_JOBS)
    least = min(item.number("spec.minReplicaCount", 0), most)
    shown = f"{words(least, most, 'jobs')} x {item.use.hours:g} h"
    asked = asked_by(item.under("spec.jobTargetRef.template.spec"))
    yield from pod_hours(item, asked, between(item, least, most) * item.hours, shown)


def service(item: Item) -> Iterator[Entry]:
    """A service that asks the cloud for a balancer; the others cost nothing."""
    if item.text("spec.type", "ClusterIP") != "LoadBalancer":
        yield item.free("an address within the cluster costs nothing")
        return
    yield item.unpriced("the plan does not show which cloud's balancer the cluster makes of it")
