"""The example of a nightly batch transform, as a plan: what its lines make."""

from pathlib import Path

from components.aws.sagemaker.batch.samples import IMAGE

from modelberth_policies.sources.program import plan

EXAMPLE = Path(__file__).parents[5] / "examples/sagemaker-batch"
CONFIG = {
    "region": "eu-central-1",
    "account": "123456789012",
    "image": IMAGE,
    "model": "s3://models/ranker/1.4.0/",
    "email": "ml@example.com",
}


def test_the_example_is_one_state_machine_and_its_schedule():
    found = plan(EXAMPLE, "trial", config=CONFIG)
    [schedule] = found.of_type("aws:scheduler/schedule:Schedule")
    assert schedule.get("scheduleExpression") == "cron(30 2 * * ? *)"
    assert schedule.get("target")["arn"] == found.outputs["state_machine"]
    ours = [one for one in found if "BatchTransform" in one.key]
    kinds = {kind: len([one for one in ours if kind in one.type]) for kind in ("MetricAlarm", "role:Role", "LogGroup")}
    assert kinds == {"MetricAlarm": 4, "role:Role": 3, "LogGroup": 2}


def test_the_example_is_short_and_its_readme_counts_right():
    lines = len((EXAMPLE / "__main__.py").read_text().splitlines())
    assert lines <= 40
    assert f"the {lines} lines here" in (EXAMPLE / "README.md").read_text()
