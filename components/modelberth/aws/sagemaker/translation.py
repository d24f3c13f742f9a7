"""What the kinds of inference share when they translate a `Service`: where its files lie, and what no kind can do."""

from collections.abc import Collection, Iterator, Mapping
from typing import Any

import pulumi

from modelberth.aws.cron import aws_cron
from modelberth.aws.foundation import AwsFoundation, AwsFoundationArgs, Foundation
from modelberth.aws.retention import ACCEPTED_DAYS
from modelberth.aws.sagemaker.alarms import PERCENTILES
from modelberth.aws.sagemaker.capture import DataCapture
from modelberth.aws.sagemaker.monitoring import unsupported_gates
from modelberth.aws.sagemaker.rollout import LEAST_WATCH_SECONDS, Rollout
from modelberth.aws.sagemaker.sizes import Limit, chosen
from modelberth.core.config import Config
from modelberth.core.errors import ConfigError
from modelberth.core.labels import Labels
from modelberth.core.model import ModelVersion
from modelberth.core.service import Refusal, Scale, Service
from modelberth.core.traffic import Traffic
from modelberth.models.reference import parse

STABLE, CANDIDATE = "stable", "candidate"
"""Names of the variants. They stay when versions change: a guarded update needs the same names before and after it."""

GUARDED = ("blue_green", "canary", "linear", "rolling")
"""Strategies that watch an update."""

CONTINENTS = {"eu": "eu-", "us": "us-"}
"""Residency in a word to the beginning of the regions that are in it."""


def foundation(
    name: str, args: Mapping[str, Any], labels: Labels, opts: pulumi.ResourceOptions | None = None
) -> AwsFoundation:
    """Network, key, registry, alert channel and the one provider that all services of the stack share."""
    return AwsFoundation(name, AwsFoundationArgs.parse({"labels": labels, **args}, f"foundation.{name}"), opts)


def options(foundation: AwsFoundation, opts: pulumi.ResourceOptions | None) -> pulumi.ResourceOptions:
    """The options of what stands on a foundation: its provider, and whatever the stack says besides."""
    return pulumi.ResourceOptions.merge(opts, pulumi.ResourceOptions(provider=foundation.provider))


def refusals(*limits: Iterator[Limit]) -> tuple[Refusal, ...]:
    """What is refused of the limits that are met."""
    return tuple(Refusal(field, why, fix) for several in limits for met, field, why, fix in several if met)


def artefact(model: ModelVersion, service: Service, foundation: Foundation, *, archive: bool = False) -> dict[str, Any]:
    """One version in SageMaker's words: the image of its model server, and its files under a path with their digest.

    `archive` is for kinds that load nothing else: then the folder holds one `model.tar.gz`.
    """
    name = parse(model.uri).name
    folder = f"{foundation.registry.prefix(name, model.version)}{model.digest.replace(':', '-')}/"
    path = f"{folder}model.tar.gz" if archive else folder
    location = pulumi.Output.concat("s3://", foundation.registry.bucket, "/", path)
    environment = {"MODELBERTH_NAME": name, "MODELBERTH_VERSION": model.version, "MODELBERTH_MODEL": "/opt/ml/model"}
    bucket = foundation.registry.bucket
    container = {
        "image": foundation.images[service.runtime],
        "model_data": f"s3://{bucket}/{path}" if isinstance(bucket, str) else location,
        "archive": archive,
        "environment": environment,
    }
    return {"version": model.version, "containers": [container]}


def everywhere(service: Service, foundation: Foundation) -> Iterator[Limit]:
    """The limits of every kind."""
    data, rollout = service.data, service.rollout
    known = ", ".join(foundation.images) or "none"
    image = f"no image of {service.runtime} is in foundation.aws.images; there are: {known}"
    yield service.runtime not in foundation.images, "runtime", image, "add it there, by digest"
    yield rollout.ab_test is not None, "rollout.ab_test", "a split is no rollout here", _IN_FILE.format("weight")
    yield rollout.shadow is not None, "rollout.shadow", "copies are no rollout here", _IN_FILE.format("mirror")
    where = f"the region is {foundation.account.region}"
    yield not _resides(data.residency, foundation.account.region), "data.residency", where, "choose another region"
    days = None if data.retention is None else data.retention / 86400
    retention = f"CloudWatch keeps logs for certain numbers of days only, {days and f'{days:g}'} is none of them"
    yield days is not None and days not in ACCEPTED_DAYS, "data.retention", retention, "write 30d, 90d or 365d"
    for percentile in PERCENTILES:
        zero = service.slo is not None and getattr(service.slo, percentile) == 0
        yield zero, f"slo.{percentile}", "no answer takes no time", "write a time above 0"


_IN_FILE = "write candidate and {} in the rollouts file"


def _resides(residency: str | None, region: str) -> bool:
    return residency is None or residency == region or region.startswith(CONTINENTS.get(residency, "\0"))


def gates(service: Service) -> Iterator[Limit]:
    """Gates that no alarm can stand for."""
    for field, why, fix in unsupported_gates(service.rollout.gates):
        yield True, f"rollout.{field}", why, fix


def unmoved(scale: Scale) -> Iterator[Limit]:
    """A range that nothing moves in, and a signal without a range. A floor of 0 is a matter of each kind."""
    still = f"min is {scale.min}, and nothing moves it up"
    idle = 0 < scale.min < scale.max and scale.on is None and not scale.schedule
    yield idle, "scale.max", still, "give scale.on or a schedule, or write the same"
    ranges = [(scale.min, scale.max), *((entry.min, entry.max) for entry in scale.schedule)]
    ranged = scale.on is not None and all(low == high for low, high in ranges)
    yield ranged, "scale.on", f"min and max are both {scale.min}, so nothing moves", "raise max, or leave it out"


def times(scale: Scale) -> Iterator[Limit]:
    """Points in time that Application Auto Scaling cannot express, or that come twice."""
    taken: set[str] = set()
    for index, entry in enumerate(scale.schedule):
        field = f"scale.schedule.{index}.cron"
        try:
            time = aws_cron(entry.cron)
        except ValueError as error:
            yield True, field, *_why_and_fix(str(error))
            continue
        yield time in taken, field, f"{entry.cron!r} is the same time as an entry before it", "keep one"
        taken.add(time)


def never_none(scale: Scale, what: str) -> Iterator[Limit]:
    """For kinds of which some are always there."""
    for index, entry in enumerate(scale.schedule):
        yield entry.min == 0, f"scale.schedule.{index}.min", f"{what} does not go down to 0", "write 1"


def woken(scale: Scale, signals: Collection[str]) -> Iterator[Limit]:
    """For kinds that go down to none: only a signal takes them there."""
    given = scale.on is not None and any(getattr(scale.on, signal) is not None for signal in signals)
    why = "nothing goes down to no instance without a signal"
    fix = f"give {' or '.join(f'scale.on.{signal}' for signal in signals)}"
    yield scale.min == 0 and not given, "scale.min", why, fix
    for index, entry in enumerate(scale.schedule):
        yield entry.min == 0 and not given, f"scale.schedule.{index}.min", why, fix


def _beyond(model: type[Config], value: Mapping[str, Any], field: str, *names: str) -> Iterator[Limit]:
    """What a model in SageMaker's words refuses of some values, by the service's field that has the same name."""
    try:
        model.parse(value)
    except ConfigError as error:
        for fault in error.faults:
            if fault.path.rpartition(".")[2] in names:
                yield True, ".".join(filter(None, (field, fault.path))), *_why_and_fix(fault.what)


def _why_and_fix(message: str) -> tuple[str, str]:
    why, _, fix = message.rpartition("; ")
    return (why, fix) if why else (fix, "write what is possible")


def rollout(service: Service) -> dict[str, Any] | None:
    """The service's strategy in SageMaker's words. None: all at once."""
    wanted = service.rollout
    if wanted.blue_green is not None:
        return {"blue_green": {"bake": wanted.blue_green.bake}}
    if wanted.canary is not None:
        return {"canary": {"percent": min(wanted.canary.steps), "bake": wanted.canary.bake}}
    if wanted.linear is not None:
        return {"linear": {"step": wanted.linear.step, "interval": wanted.linear.interval}}
    return None


def strategies(service: Service) -> Iterator[Limit]:
    """What SageMaker's own ways to update an endpoint cannot express."""
    wanted = service.rollout
    steps = () if wanted.canary is None else wanted.canary.steps
    many = f"SageMaker's canary has one step of 50 % at most, got {list(steps)}"
    yield bool(steps) and (len(steps) > 1 or min(steps) > 50), "rollout.canary.steps", many, "write one, or linear"
    step = 0 if wanted.linear is None else wanted.linear.step
    linear = f"SageMaker's steps are 10 to 50 %, got {step}"
    yield step != 0 and not 10 <= step <= 50, "rollout.linear.step", linear, "write one of these"
    rolling = "SageMaker rolls in shares of the fleet, not in numbers of instances"
    yield wanted.rolling is not None, "rollout.rolling", rolling, "take canary, linear or blue_green"
    strategy = next((name for name in GUARDED if getattr(wanted, name) is not None), None)
    watched = service.slo is not None or bool(wanted.gates)
    unguarded = strategy is not None and not watched
    yield unguarded, f"rollout.{strategy}", "nothing says when to roll back", "give slo or gates"
    type_ = chosen(service.size)
    old = strategy is not None and type_ is not None and type_.inf1
    yield (
        old,
        f"rollout.{strategy}",
        "SageMaker guards no update of Inf1 instances",
        "take inferentia2, or leave it out",
    )
    made = rollout(service)
    if made is not None:
        wait, watched_for = next(item for item in made[str(strategy)].items() if item[0] in ("bake", "interval"))
        least = LEAST_WATCH_SECONDS[bool(wanted.gates)]
        why = f"a step is watched for {watched_for:g} s, in which no alarm fires"
        yield watched_for < least, f"rollout.{strategy}.{wait}", why, f"write {least} s or more"
        yield from _beyond(Rollout, made, "rollout", "bake", "interval")
        yield from _beyond(Rollout, made, f"rollout.{strategy}", "")


def all_at_once(service: Service, why: str) -> Iterator[Limit]:
    """For kinds whose updates nothing guards."""
    for strategy in GUARDED:
        yield getattr(service.rollout, strategy) is not None, f"rollout.{strategy}", why, "leave it out"
    yield bool(service.rollout.gates), "rollout.gates", why, "leave them out"


def one_version(traffic: Traffic, kind: str) -> Iterator[Limit]:
    """For kinds that serve one version."""
    why = f"the rollouts file names a candidate, and {kind} serves one version"
    yield traffic.candidate is not None, "rollout", why, "take the candidate out of the rollouts file"


def retention(service: Service) -> dict[str, int]:
    """What the service says of its logs, as a field of the foundation."""
    return {} if service.data.retention is None else {"log_retention_days": round(service.data.retention / 86400)}


def captured(service: Service) -> Iterator[Limit]:
    """What of a capture SageMaker and S3 cannot express."""
    wanted = service.data.capture
    if wanted is not None:
        yield from _beyond(DataCapture, dict(wanted), "data.capture", "sample", "expires")


def capture(service: Service, foundation: Foundation) -> dict[str, Any] | None:
    """Data capture with its expiry, encrypted as everything else."""
    wanted = service.data.capture
    if wanted is None:
        return None
    return {"sample": wanted.sample, "expires": wanted.expires, "encryption": foundation.encryption}
