"""The example of scale to zero, as a plan: what its lines make."""

import json
from pathlib import Path

from component_endpoints import IMAGE

from modelberth_policies.sources.program import plan

EXAMPLE = Path(__file__).parents[5] / "examples/sagemaker-scale-to-zero"
CONFIG = {
    "region": "eu-central-1",
    "account": "123456789012",
    "image": IMAGE,
    "model": "s3://models/ranker/1.4.0/",
    "email": "ml@example.com",
}


def test_in_production_the_example_never_sleeps():
    found = plan(EXAMPLE, "prod", config=CONFIG)
    [target] = found.of_type("aws:appautoscaling/target:Target")
    assert target.get("minCapacity") == 2
    states = [
        json.loads(each.inputs["desiredState"].text) for each in found.of_type("aws:cloudcontrol/resource:Resource")
    ]
    [variant] = [each["ProductionVariants"][0] for each in states if "ProductionVariants" in each]
    assert variant["ManagedInstanceScaling"]["MinInstanceCount"] == variant["InitialInstanceCount"] == 2


def test_the_example_sleeps_and_wakes():
    found = plan(EXAMPLE, "trial", config=CONFIG)
    [target] = found.of_type("aws:appautoscaling/target:Target")
    assert (target.get("minCapacity"), target.get("maxCapacity")) == (0, 4)
    [wake] = [alarm for alarm in found.of_type("aws:cloudwatch/metricAlarm:MetricAlarm") if "wake-up" in alarm.name]
    assert (wake.get("metricName"), wake.get("threshold")) == ("NoCapacityInvocationFailures", 1)
    assert found.outputs["component"] == "trial-ranker--ranker"


def test_the_example_is_short_and_its_readme_counts_right():
    lines = len((EXAMPLE / "__main__.py").read_text().splitlines())
    assert lines <= 40
    assert f"the {lines} lines here" in (EXAMPLE / "README.md").read_text()
