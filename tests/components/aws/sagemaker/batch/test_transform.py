"""A batch transform as a plan: what it is made of, what each role may do, what waits for what."""

import json
from pathlib import Path

import pulumi
import pulumi_aws as aws
import pytest
from components.aws.sagemaker.batch.samples import FOUNDATION, KEY, LABELS, LEAST, MOST, TOPIC
from inventory import assert_inventory
from plans import remembered
from policy_text import arns_of, kinds_of, readable, statements

from modelberth.aws.sagemaker.batch.config import BatchTransformArgs
from modelberth.aws.sagemaker.batch.definition import definition
from modelberth.aws.sagemaker.batch.transform import BatchTransform, batch_of, definition_of
from modelberth.core.labels import Labels, render
from modelberth_policies.resources import MISSING, UNKNOWN
from modelberth_policies.sources.program import run_in_process

HERE = Path(__file__).parent
PROVIDER_KEY = {**LEAST, "foundation": {**FOUNDATION, "encryption": {"reason": "nothing of it is secret"}}}
UNTOLD = {**LEAST, "foundation": {name: value for name, value in FOUNDATION.items() if name != "alerts"}}
MACHINE = "arn:aws:states:eu-central-1:123456789012:stateMachine:s-scores-run"
ROLE_POLICY, ALARM = "aws:iam/rolePolicy:RolePolicy", "aws:cloudwatch/metricAlarm:MetricAlarm"


@remembered
def planned(args=LEAST):
    return run_in_process(lambda: BatchTransform("scores", args) and None)


def only(plan, type_, name=None):
    (found,) = [one for one in plan.of_type(type_) if name in (None, one.name)]
    return found


@pytest.mark.parametrize(("scenario", "args"), [("defaults", LEAST), ("max", MOST), ("provider-key", PROVIDER_KEY)])
def test_inventory(scenario, args):
    assert_inventory(readable(planned(args)), HERE / f"transform.{scenario}.inventory.yaml")


def test_under_the_providers_keys_there_is_nothing_to_grant():
    assert [*planned(PROVIDER_KEY).of_type("aws:kms/grant:Grant")] == []


@pytest.mark.parametrize("args", [LEAST, MOST])
def test_a_component_has_at_most_eight_kinds_of_children(args):
    plan = planned(args)
    for component in ("BatchTransform", "BatchWorkflow", "BatchSchedule"):
        (parent,) = plan.of_type(f"modelberth:index:{component}")
        assert len({one.type for one in plan if one.parent == parent.urn}) <= 8


def test_labels_reach_everything_that_can_carry_them():
    made = [one for one in planned(MOST) if one.type.startswith("aws:")]
    bare = {
        one.type for one in made if not render(Labels(**LABELS), "aws").items() <= one.inputs.get("tags", {}).items()
    }
    assert bare == {ROLE_POLICY, "aws:kms/grant:Grant", "aws:scheduler/schedule:Schedule"}


@pytest.mark.parametrize("args", [LEAST, MOST])
def test_every_permission_is_for_resources_of_the_kind_that_its_action_takes(args):
    known = [(one, word) for one, word in statements(planned(args)) if one.type == ROLE_POLICY]
    assert {one.name for one, _ in known} == {"scores-role", "scores-run", "scores-schedule"}
    for _, statement in known:
        for action in statement["Action"]:
            if kinds_of(action):
                services = {form.split(":")[2] for form in arns_of(action)}
                assert {arn.split(":")[2] for arn in statement["Resource"] if arn != "*"} <= services, action
            else:
                assert statement["Resource"] == ["*"], f"{action} takes no resource"


def test_the_state_machine_touches_jobs_of_its_own_only():
    policy = json.loads(only(planned(), ROLE_POLICY, "scores-run").get("policy"))["Statement"]
    jobs = [one["Resource"] for one in policy if any(action.startswith("sagemaker:") for action in one["Action"])]
    assert jobs == [["arn:aws:sagemaker:eu-central-1:123456789012:transform-job/s-scores--*"]] * 2
    wild = [one["Sid"] for one in policy if "*" in one["Resource"]]
    assert wild == ["DeliverLogs"]


def test_the_schedule_starts_this_state_machine_and_nothing_else():
    start, keep = json.loads(only(planned(), ROLE_POLICY, "scores-schedule").get("policy"))["Statement"]
    assert (start["Action"], start["Resource"]) == (["states:StartExecution"], [MACHINE])
    assert keep["Action"] == ["sqs:SendMessage"]
    trusted = json.loads(only(planned(), "aws:iam/role:Role", "scores-schedule").get("assumeRolePolicy"))["Statement"][
        0
    ]
    assert trusted["Condition"] == {
        "StringEquals": {"aws:SourceAccount": "123456789012"},
        "ArnLike": {"aws:SourceArn": "arn:aws:scheduler:eu-central-1:123456789012:schedule-group/s-scores-schedule"},
    }


def test_the_log_of_runs_holds_no_data():
    machine = only(planned(), "aws:sfn/stateMachine:StateMachine")
    logging = machine.get("loggingConfiguration")
    assert (logging["level"], logging["includeExecutionData"]) == ("ALL", False)


def test_containers_have_no_network_and_stand_in_private_subnets():
    model = only(planned(), "aws:sagemaker/model:Model")
    assert model.get("enableNetworkIsolation") is True
    assert model.get("vpcConfig") == {"securityGroupIds": ["sg-1"], "subnets": ["subnet-1", "subnet-2"]}


def test_whoever_starts_a_run_waits_for_all_that_it_needs():
    def program():
        made = BatchTransform("scores", MOST)
        pulumi.CustomResource("test:index:User", "user", {"machine": made.state_machine_arn})

    plan = run_in_process(program)
    (user,) = plan.of_type("test:index:User")
    machine = only(plan, "aws:sfn/stateMachine:StateMachine")
    assert machine.urn in user.dependencies
    needed = [
        *plan.of_type("aws:kms/grant:Grant"),
        *plan.of_type(ROLE_POLICY),
        *plan.of_type("aws:sagemaker/model:Model"),
    ]
    waited = waits_for(plan, machine)
    assert {one.name for one in needed if one.urn not in waited} == {"scores-schedule"}


def waits_for(plan, resource):
    """The URNs of all that must be there before it."""
    by_urn, found, left = {one.urn: one for one in plan}, set(), [*resource.dependencies]
    while left:
        urn = left.pop()
        if urn not in found:
            found.add(urn)
            left.extend(by_urn[urn].dependencies)
    return found


def test_the_schedule_waits_for_the_state_machine_and_the_queue():
    plan = planned()
    waited = waits_for(plan, only(plan, "aws:scheduler/schedule:Schedule"))
    assert {only(plan, "aws:sfn/stateMachine:StateMachine").urn, only(plan, "aws:sqs/queue:Queue").urn} <= waited


def test_the_definition_waits_for_the_model_as_a_preview_does_not_know_its_name():
    machine = only(planned(), "aws:sfn/stateMachine:StateMachine")
    assert machine.get("definition") is UNKNOWN
    (model,) = machine.property_dependencies["definition"]
    assert "aws:sagemaker/model:Model" in model


def test_what_is_known_late_stands_in_the_definition():
    args, prefix = BatchTransformArgs.parse(LEAST), "prod-scores"
    late = pulumi.Output.from_input("prod-scores--abc")
    found = run_in_process(lambda: pulumi.export("made", definition_of(args, prefix, late, TOPIC))).outputs["made"]
    known = {
        "model": "prod-scores--abc", "input": LEAST["input"]["uri"], "output": LEAST["output"]["uri"],
        "output_key": KEY, "volume_key": KEY, "topic": TOPIC,
    }  # fmt: skip
    assert json.loads(found) == definition(batch_of(args, prefix, known))


def test_local_storage_takes_no_volume_key():
    args = BatchTransformArgs.parse(MOST)
    found = run_in_process(lambda: pulumi.export("made", definition_of(args, "p", "model", None))).outputs["made"]
    asked = json.loads(found)["States"]["Transform"]["Arguments"]
    assert asked["TransformResources"] == {"InstanceType": "ml.g5.xlarge", "InstanceCount": 4}
    assert asked["TransformOutput"]["KmsKeyId"] == MOST["output"]["key"]


def test_without_a_topic_alarms_tell_nobody_and_nothing_is_published():
    plan = planned(UNTOLD)
    assert {alarm.get("alarmActions") for alarm in plan.of_type(ALARM)} == {MISSING}
    assert "sns:Publish" not in only(plan, ROLE_POLICY, "scores-run").get("policy")
    assert not [one for one in plan.of_type("aws:kms/grant:Grant") if one.name == "scores-run"]


def test_alarms_tell_the_foundations_topic_or_one_of_ones_own():
    assert {tuple(alarm.get("alarmActions")) for alarm in planned().of_type(ALARM)} == {(TOPIC,)}
    assert {tuple(alarm.get("alarmActions")) for alarm in planned(MOST).of_type(ALARM)} == {(MOST["alerts"],)}


@pytest.mark.parametrize(
    ("schedule", "hours"),
    [
        ({"expression": "rate(6 hours)"}, 13),
        ({"expression": "cron(0 6 ? * MON-FRI *)", "time_zone": "Europe/Berlin"}, 97),
        ({"expression": "rate(7 days)"}, None),
        ({"expression": "cron(30 2 * * ? *)", "enabled": False}, None),
    ],
)
def test_silence_is_an_alarm_where_one_can_look_back_so_far(schedule, hours):
    silent = [alarm for alarm in planned({**LEAST, "schedule": schedule}).of_type(ALARM) if "silent" in alarm.name]
    assert [(alarm.get("evaluationPeriods"), alarm.get("period")) for alarm in silent] == (
        [(hours, 3600)] if hours else []
    )


def test_a_changed_model_is_another_one_and_the_state_machine_stays():
    changed = {**LEAST, "artefact": {**LEAST["artefact"], "version": "1.5.0"}}
    names = [{one.key for one in planned(args)} for args in (LEAST, changed)]
    assert [next(iter(some - other)).rpartition("::")[2][:12] for some, other in (names, names[::-1])] == [
        "scores-1.4.0", "scores-1.5.0",
    ]  # fmt: skip
    assert len(names[0] ^ names[1]) == 2


def test_who_is_let_starts_runs_of_this_one_only():
    def program():
        role = aws.iam.Role("backfill", assume_role_policy="{}")
        BatchTransform("scores", LEAST).grant_start(role, "backfill")

    (granted,) = [one for one in run_in_process(program).of_type(ROLE_POLICY) if one.name == "scores-backfill-start"]
    (statement,) = json.loads(granted.get("policy"))["Statement"]
    assert (statement["Action"], statement["Resource"]) == (["states:StartExecution"], [MACHINE])


def test_folders_may_be_known_late():
    def program():
        bucket = pulumi.CustomResource("test:index:Bucket", "records").id
        uri = pulumi.Output.concat("s3://", bucket, "/{date}/")
        BatchTransform("scores", {**LEAST, "input": {**LEAST["input"], "uri": uri}})

    assert only(run_in_process(program), ROLE_POLICY, "scores-role").get("policy") is UNKNOWN
