"""The example of scale to zero, as a plan: what its lines make."""

from pathlib import Path

from component_endpoints import IMAGE

from modelberth_policies.sources.program import plan

EXAMPLE = Path(__file__).parents[5] / "examples/sagemaker-scale-to-zero"
CONFIG = {"region": "eu-central-1", "account": "123456789012", "image": IMAGE, "model": "s3://models/ranker/1.4.0/"}


def test_the_example_sleeps_and_wakes():
    found = plan(EXAMPLE, "trial", config=CONFIG)
    [target] = found.of_type("aws:appautoscaling/target:Target")
    assert (target.get("minCapacity"), target.get("maxCapacity")) == (0, 2)
    [wake] = [alarm for alarm in found.of_type("aws:cloudwatch/metricAlarm:MetricAlarm") if "wake-up" in alarm.name]
    assert (wake.get("metricName"), wake.get("threshold")) == ("NoCapacityInvocationFailures", 1)
    assert found.outputs["component"] == "trial-ranker--ranker"


def test_the_example_is_short_and_its_readme_counts_right():
    lines = len((EXAMPLE / "__main__.py").read_text().splitlines())
    assert lines <= 40
    assert f"the {lines} lines here" in (EXAMPLE / "README.md").read_text()
