"""What production makes of a service in a cluster: never a lone pod, and a foundation that is protected."""

from modelberth.stack.config import StackConfig
from modelberth.stack.profiles import apply

SERVICE = {"on": "kubernetes:deployment", "model": {"uri": "models:/ranker/1.4.0"}}
NIGHT = [{"cron": "0 6 * * *", "min": 4, "max": 6}, {"cron": "0 20 * * *", "min": 1, "max": 6}]


def hardened(**service):
    given = {"profile": "prod", "owner": "o", "cost_centre": "c", "foundation": {"kubernetes": {"namespace": "models"}}}
    return apply(StackConfig.parse({**given, "services": {"ranker": {**SERVICE, **service}}}), "prod")


def test_a_lone_pod_becomes_two():
    scale = hardened().services["ranker"].scale
    assert (scale.min, scale.max) == (2, 2)


def test_by_the_clock_there_are_two_as_well():
    scale = hardened(scale={"min": 1, "max": 6, "schedule": NIGHT}).services["ranker"].scale
    assert [entry.min for entry in scale.schedule] == [4, 2]


def test_the_foundation_is_protected():
    assert hardened().foundation["kubernetes"] == {"namespace": "models", "protect": True}
