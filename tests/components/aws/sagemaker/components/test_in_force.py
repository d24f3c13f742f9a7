"""The keeper of what runs, against boto3's own stub of the service: parameters and answers are checked by it."""

import json

import pytest
from components.aws.sagemaker.components.stubs import (
    ACCOUNT,
    ALARM,
    ARN,
    GUARD,
    NAME,
    NEW,
    OLD,
    described,
    fired,
    gone,
    props,
    spec,
    updated,
)

from modelberth.aws.sagemaker.components import in_force
from modelberth.aws.sagemaker.components.in_force import _Provider
from modelberth.core.errors import ModelberthError


def test_a_new_component_is_waited_for_and_not_touched(aws):
    for status in ("Creating", "InService"):
        described(aws, NEW, status)
    assert _Provider().create(props()).id == NAME


def test_what_sagemaker_adds_to_a_specification_is_no_difference(aws):
    described(aws, NEW, NumberOfCpuCoresRequired=1.0)
    _Provider().create(props())


def test_a_component_that_cannot_start_fails_the_run_with_the_services_reason(aws):
    described(aws, NEW, "Failed", "There is not enough hardware resources on the instances")
    with pytest.raises(ModelberthError) as error:
        _Provider().create(props())
    assert str(error.value) == (
        f"inference component {NAME} is Failed: There is not enough hardware resources on the instances. Wanted is "
        f"{NEW}. Look at the log group /aws/sagemaker/InferenceComponents/{NAME}, mend the version and run again"
    )


def test_a_component_that_runs_something_else_after_a_lost_state_is_brought_back(aws):
    described(aws, OLD)
    updated(aws)
    described(aws, NEW)
    _Provider().create(props())


def test_a_changed_model_is_an_update_and_the_live_number_of_copies_stays(aws):
    described(aws, OLD, copies=7)
    updated(aws)
    for status in ("Updating", "InService"):
        described(aws, NEW, status, copies=7)
    assert _Provider().update(NAME, props(OLD), props()).outs == props()


def test_an_update_rolls_under_guard(aws):
    described(aws, OLD)
    updated(aws, DeploymentConfig=GUARD)
    described(aws, NEW)
    guarded = props(deployment=json.dumps(GUARD))
    _Provider().update(NAME, props(OLD), guarded)


def test_an_update_that_was_rolled_back_fails_the_run_with_reason_and_alarms(aws):
    described(aws, OLD)
    updated(aws, DeploymentConfig=GUARD)
    described(aws, OLD, reason="alarm threshold breached")
    fired(aws)
    with pytest.raises(ModelberthError) as error:
        _Provider().update(NAME, props(OLD), props(deployment=json.dumps(GUARD), alarms=[ALARM]))
    assert str(error.value) == (
        f"inference component {NAME}: SageMaker rolled the update back: alarm threshold breached. Alarms that fired: "
        f"{ALARM}. It runs {OLD}, not {NEW} as asked for. Mend the new version and run again, or go back to the old one"
    )


def test_a_rolled_back_update_is_tried_again_by_the_next_run(aws):
    """The state still holds the old version, so the run after a failed one comes here again."""
    described(aws, OLD, reason="alarm threshold breached")
    updated(aws)
    described(aws, NEW)
    _Provider().update(NAME, props(OLD), props())


def test_going_back_to_the_old_version_after_a_rollback_changes_nothing():
    assert not _Provider().diff(NAME, props(OLD), props(OLD)).changes


def test_an_update_that_was_cut_off_after_its_call_is_not_sent_twice(aws):
    for status in ("Updating", "InService"):
        described(aws, NEW, status)
    _Provider().update(NAME, props(OLD), props())


def test_a_limit_that_is_taken_away_is_an_update_although_nothing_contradicts(aws):
    described(aws, NEW, MaxMemoryRequiredInMb=2048)
    updated(aws)
    described(aws, NEW)
    _Provider().update(NAME, props(MaxMemoryRequiredInMb=2048), props())


def test_copies_change_only_where_scaling_does_not_decide(aws):
    described(aws, NEW, copies=1)
    wanted = {"InferenceComponentName": NAME, "DesiredRuntimeConfig": {"CopyCount": 3}}
    answer = {"InferenceComponentArn": ARN}
    aws["sagemaker"].add_response("update_inference_component_runtime_config", answer, wanted)
    described(aws, NEW, copies=3)
    _Provider().update(NAME, props(copies=1), props(copies=3))


def test_scaling_that_takes_over_leaves_the_copies_alone(aws):
    assert _Provider().diff(NAME, props(copies=1), props()).changes
    described(aws, NEW, copies=5)
    _Provider().update(NAME, props(copies=1), props())


def test_tags_follow_when_the_new_version_is_in_force(aws):
    described(aws, OLD)
    updated(aws)
    described(aws, NEW)
    tags = {"ResourceArn": ARN, "Tags": [{"Key": "version", "Value": "1.5.0"}]}
    aws["sagemaker"].add_response("add_tags", {"Tags": tags["Tags"]}, tags)
    aws["sagemaker"].add_response("delete_tags", {}, {"ResourceArn": ARN, "TagKeys": ["owner"]})
    old = props(OLD, tags={"version": "1.4.0", "owner": "search"})
    _Provider().update(NAME, old, props(tags={"version": "1.5.0"}))


def test_what_the_service_refuses_is_said_without_a_traceback(aws):
    described(aws, OLD)
    aws["sagemaker"].add_client_error("update_inference_component", "ValidationException", "Could not find model.")
    with pytest.raises(ModelberthError) as error:
        _Provider().update(NAME, props(OLD), props())
    assert str(error.value).startswith(f"inference component {NAME}: An error occurred (ValidationException)")


def test_a_component_that_is_gone_says_what_to_do(aws):
    gone(aws)
    with pytest.raises(ModelberthError, match=f"^inference component {NAME} is gone; run pulumi up --refresh$"):
        _Provider().update(NAME, props(OLD), props())


def test_a_component_that_never_rests_fails_the_run(aws, monkeypatch):
    monkeypatch.setattr(in_force, "PATIENCE_SECONDS", -1)
    described(aws, NEW, "Updating")
    with pytest.raises(ModelberthError, match=f"^inference component {NAME} is Updating: SageMaker gives no reason"):
        _Provider().create(props())


@pytest.mark.parametrize(
    ("change", "changes"),
    [
        ({"specification": json.dumps(spec(OLD))}, True),
        ({"copies": 3.0}, True),
        ({"tags": {}}, True),
        ({"alarms": [ALARM]}, False),
        ({"deployment": json.dumps(GUARD)}, False),
        ({"account": {**ACCOUNT, "role": "arn:aws:iam::123456789012:role/deploy"}}, False),
    ],
)
def test_how_it_is_asked_is_no_change_and_what_is_asked_is(change, changes):
    found = _Provider().diff(NAME, props(copies=1), {**props(copies=1), **change})
    assert (found.changes, found.replaces) == (changes, [])


def test_another_component_is_another_resource():
    found = _Provider().diff(NAME, props(), {**props(), "component_name": "prod-ranker--speller"})
    assert found.replaces == ["component_name"]


def test_a_refresh_sees_what_runs_and_how_often(aws):
    described(aws, OLD, copies=2)
    found = dict(_Provider().read(NAME, props(copies=1)).outs or {})
    assert (json.loads(found["specification"])["ModelName"], found["copies"]) == (OLD, 2)


def test_a_refresh_leaves_what_is_as_asked_and_what_scaling_decides(aws):
    described(aws, NEW, copies=9)
    assert _Provider().read(NAME, props()).outs == props()


def test_a_refresh_of_a_component_that_is_gone_forgets_it(aws):
    gone(aws)
    assert _Provider().read(NAME, props()).id == ""
