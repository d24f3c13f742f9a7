"""The traps of AWS, of its provider and of Pulumi: which test holds each. What no other names is held by name."""

import ast
import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[3]
SAGEMAKER = "components/aws/sagemaker"
REFUSED = f"{SAGEMAKER}/realtime/test_realtime_refused.py"
REALTIME_TESTS = f"{SAGEMAKER}/realtime/test_realtime_endpoint.py"
HOSTING = f"{SAGEMAKER}/test_hosting.py"
NETWORK = "components/aws/test_network.py"
LEAST = "components/aws/test_identity_least_privilege.py"
HERE = f"{SAGEMAKER}/test_traps_by_name.py"

TRAPS = {
    "an endpoint that SageMaker rolled back is reported as a success": (
        f"{SAGEMAKER}/test_in_service.py::test_a_silent_rollback_fails_with_the_services_reason_and_the_alarms",
        "engine/aws/test_rollouts_prod.py::test_prod_lives_through_a_failed_version",
        f"{HERE}::test_whatever_serves_is_read_back_whenever_the_configuration_is_another",
    ),
    "a failed update has already lost the old configuration": (
        f"{HERE}::test_the_old_configuration_lives_until_the_endpoint_serves_the_new_one",
    ),
    "a configuration that is made again fails with 'already existing'": (
        f"{HOSTING}::test_a_changed_model_is_a_new_model_and_a_new_configuration_of_the_same_endpoint",
        f"{HOSTING}::test_a_value_that_becomes_an_output_is_a_new_resource_under_a_new_name",
        f"{SAGEMAKER}/test_content_names.py::test_another_content_is_another_name_and_the_same_the_same",
    ),
    "a changed model does not trigger an update": (
        f"{HOSTING}::test_a_changed_model_is_a_new_model_and_a_new_configuration_of_the_same_endpoint",
    ),
    "a fixed name of an endpoint blocks its replacement": (
        f"{HERE}::test_whatever_changes_the_endpoint_is_updated_in_place",
    ),
    "an update resets the counts to which an endpoint has scaled": (
        f"{REFUSED}::test_refused_in_one_sentence[a first count below the floor]",
        f"{REALTIME_TESTS}::test_the_first_count_is_the_floor_of_the_scaling",
        f"{HERE}::test_the_field_says_that_an_update_sets_the_count_back",
    ),
    "the time that an update may take is ignored": (
        f"{SAGEMAKER}/test_rollout.py::test_an_accepted_linear_rollout_fits_the_providers_wait",
        f"{REFUSED}::test_refused_in_one_sentence[a rollout that outlasts the provider's wait]",
        f"{HERE}::test_nobody_is_promised_the_time_that_an_update_may_take",
    ),
    "rolling updates, capacity reservations, VPC and explainer of a configuration come late or never": (
        f"{HERE}::test_rolling_is_offered_because_the_provider_has_it",
        f"{HERE}::test_what_the_provider_lacks_is_no_field_here",
    ),
    "a weight of 0 becomes 1": (
        f"{REALTIME_TESTS}::test_a_weight_of_0_stays_0",
        f"{SAGEMAKER}/realtime/test_realtime_portable.py::test_a_candidate_at_0_is_up_and_stays_at_0",
    ),
    "the backlog of a queue is watched where there is none": (
        f"{REFUSED}::test_refused_in_one_sentence[the backlog of another kind]",
    ),
    "a floor that contradicts the first count, burstable types that scale": (
        f"{REFUSED}::test_refused_in_one_sentence[a first count above the ceiling]",
        f"{REFUSED}::test_refused_in_one_sentence[burstable with autoscaling]",
    ),
    "no variant scales to none": (
        f"{REFUSED}::test_refused_in_one_sentence[scaling down to none]",
        f"{SAGEMAKER}/test_scaling_components.py::test_one_refused_request_wakes_it_and_none_does_not",
    ),
    "local storage takes no volume key": (
        f"{REALTIME_TESTS}::test_volumes_take_the_customers_key_and_local_storage_takes_none",
        f"{REFUSED}::test_refused_in_one_sentence[local storage beside volumes]",
    ),
    "default roles may do everything in SageMaker": (
        f"{LEAST}::test_no_source_names_a_managed_policy",
        f"{LEAST}::test_every_wildcard_has_its_reason",
    ),
    "network isolation is off by default": (
        f"{REALTIME_TESTS}::test_containers_have_no_network_unless_a_reason_opens_it",
    ),
    "there are no alarms unless they are made, and a rollback needs some": (
        f"{REALTIME_TESTS}::test_the_rollback_names_exactly_the_alarms_of_slo_and_gates",
        f"{REALTIME_TESTS}::test_alarms_log_group_and_permissions_are_there_before_the_endpoint",
    ),
    "what is torn down leaves orphans that cost": (
        f"{HERE}::test_log_groups_are_made_before_anybody_writes_and_go_with_the_endpoint",
        "engine/aws/test_environments.py::test_dev_comes_up_changes_its_version_and_goes",
    ),
    "security groups open everything, in the default VPC": (
        f"{NETWORK}::test_nothing_leads_to_the_internet",
        f"{NETWORK}::test_only_port_443_is_open_and_to_no_range_of_addresses",
        f"{HERE}::test_no_endpoint_stands_in_a_default_network",
    ),
    "models are pulled through NAT, which charges for data": (
        f"{HERE}::test_files_come_through_a_gateway_without_nat",
    ),
    "private callers need an endpoint of the runtime in the VPC": (
        f"{HERE}::test_the_network_has_an_endpoint_of_the_runtime",
    ),
    "the settings of a bucket are spread over many resources": (
        "components/aws/test_bucket.py::test_no_acl_and_no_deprecated_setting_is_used",
        "components/aws/test_bucket.py::test_who_uses_the_bucket_waits_for_every_setting",
    ),
    "outputs are ready before what is bound to them": (
        f"{REALTIME_TESTS}::test_whoever_uses_the_endpoint_finds_it_in_service_and_scaling",
        f"{SAGEMAKER}/test_identity.py::test_who_uses_the_role_waits_for_its_policy_and_its_use_of_the_key",
    ),
    "packaged components get plain mappings": (f"{HERE}::test_a_plain_mapping_makes_what_a_model_makes",),
    "the caller's parent wins over the component": (f"{HERE}::test_children_stay_with_their_component",),
    "a look-up without a parent asks the default provider": (f"{HERE}::test_no_component_looks_anything_up",),
    "there is no default provider that a program could set": (
        f"{SAGEMAKER}/test_hosting_reach.py::test_the_components_provider_reaches_every_child_of_aws_and_no_other",
    ),
    "what is unknown turns a mandatory rule into an advisory one": (
        "policies/test_resources.py::test_a_property_is_a_value_or_missing_or_unknown",
        "policies/test_resources.py::test_neither_absence_has_a_truth",
    ),
    "the installed packages decide which plugins are wanted": (
        "contracts/test_imports.py::test_the_package_itself_imports_next_to_nothing",
        f"{HERE}::test_the_provider_comes_with_an_extra_of_its_own",
    ),
    "importing the provider warns": (f"{HERE}::test_warnings_are_no_errors_as_a_whole",),
    "fields are accepted and then ignored": (
        "contracts/test_service_contract.py::test_every_field_is_honoured_or_refused_by_name",
        f"{SAGEMAKER}/serverless/test_serverless_refused.py::test_refused_in_one_sentence[a rollout]",
        f"{SAGEMAKER}/asynchronous/test_asynchronous_refused.py::test_refused_in_one_sentence[gates]",
    ),
}

ELSEWHERE = {
    "prices of P4 and P5 fell by a quarter and more": "no price is in this package; prices come with the policies",
    "an old EKS costs six times as much": "no cluster is made here",
}
"""Traps of AWS into which nothing of this column can fall, with the reason."""


@pytest.mark.parametrize("trap", TRAPS)
def test_a_test_holds_every_trap(trap):
    for id_ in TRAPS[trap]:
        file, _, test = id_.partition("::")
        name, case = re.fullmatch(r"(\w+)(?:\[(.+)])?", test).groups()
        text = (ROOT / "tests" / file).read_text()
        assert f"\ndef {name}(" in text, id_
        assert case is None or f'\n    "{case}": (' in text, id_


def test_every_test_by_name_holds_a_trap():
    told = {id_.partition("::")[2] for ids in TRAPS.values() for id_ in ids if id_.startswith(HERE)}
    module = ast.parse((ROOT / "tests" / HERE).read_text())
    functions = {node.name for node in module.body if isinstance(node, ast.FunctionDef)}
    assert {name for name in functions if name.startswith("test_")} == told


def test_a_trap_is_held_or_is_elsewhere_for_a_reason():
    assert not TRAPS.keys() & ELSEWHERE.keys()
    assert all(ELSEWHERE.values())
