"""What an endpoint with inference components accepts, and the exact words in which the rest is refused."""

import pytest
from component_endpoints import AWAKE, IMAGE, LEAST, MODEL, MOST, SLEEPING, arguments
from hypothesis import given
from hypothesis import strategies as st

from modelberth.aws.sagemaker.components.config import InferenceComponentEndpointArgs, primary_of
from modelberth.aws.sagemaker.components.model import SharedModel, artefact, fewest, first, most
from modelberth.core.errors import ConfigError

SCALED = SLEEPING["scaling"]
NIGHT = [{"cron": "0 20 * * *", "min": 0, "max": 1}]


def one(**fields):
    """The least endpoint, with another model."""
    return {**LEAST, "components": {"stable": {**SLEEPING, **fields}}}


def reserving(**requirements):
    return one(requirements={"min_memory_mib": 1024, **requirements})


def test_an_endpoint_has_at_most_twelve_fields():
    assert len(InferenceComponentEndpointArgs.model_fields) <= 12
    assert len(SharedModel.model_fields) <= 12


@pytest.mark.parametrize("fields", [LEAST, AWAKE, MOST])
def test_what_hangs_together_is_taken(fields):
    assert arguments(fields).instance_type == fields["instance_type"]


@pytest.mark.parametrize(
    ("fields", "copies"),
    [
        (MODEL, (1, 1, 1)),
        ({**MODEL, "copies": 3}, (3, 3, 3)),
        (SLEEPING, (0, 1, 2)),
        ({**MODEL, "scaling": {"min_capacity": 2, "max_capacity": 4}}, (2, 2, 4)),
        ({**SLEEPING, "scaling": {**SCALED, "schedule": [{"cron": "0 8 * * *", "min": 1, "max": 5}]}}, (0, 1, 5)),
        ({**SLEEPING, "scaling": {**SCALED, "min_capacity": 1, "schedule": NIGHT}}, (0, 1, 2)),
    ],
)  # fmt: skip
def test_fewest_first_and_most_copies(fields, copies):
    model = SharedModel.parse(fields)
    assert (fewest(model), first(model), most(model)) == copies


@given(low=st.integers(0, 9), more=st.integers(1, 9))
def test_a_model_begins_with_a_copy_that_shows_whether_it_can_start(low, more):
    scaling = {"min_capacity": low, "max_capacity": low + more, "invocations_per_copy": {"target": 1}}
    model = SharedModel.parse({**MODEL, "scaling": scaling})
    assert max(1, fewest(model)) == first(model) <= most(model)


def test_a_model_is_one_container():
    model = SharedModel.parse(MODEL)
    assert artefact(model).containers == (model.container,)
    assert artefact(model).version == "1.4.0"


def test_the_only_component_is_the_primary_one():
    assert primary_of(arguments(LEAST)) == "stable"
    assert primary_of(arguments({**MOST, "primary": "speller"})) == "speller"


@pytest.mark.parametrize(
    ("fields", "fault"),
    [
        ({**LEAST, "instances": {"min_instance_count": 3, "max_instance_count": 2}},
         "ranker.instances: min_instance_count is 3, above max_instance_count 2; raise max_instance_count or lower "
         "min_instance_count"),
        ({**LEAST, "instances": {"min_instance_count": -1, "max_instance_count": 2}},
         "ranker.instances.min_instance_count: got -1, input should be greater than or equal to 0"),
        ({**LEAST, "instances": {"min_instance_count": 0, "max_instance_count": 0}},
         "ranker.instances.max_instance_count: got 0, input should be greater than or equal to 1"),
        ({**LEAST, "instances": {"max_instance_count": 2}}, "ranker.instances.min_instance_count: field required"),
        ({**LEAST, "components": {}},
         "ranker.components: dictionary should have at least 1 item after validation, not 0"),
        ({**LEAST, "routing": "ROUND_ROBIN"},
         "ranker.routing: input should be 'LEAST_OUTSTANDING_REQUESTS' or 'RANDOM'"),
        ({**LEAST, "initial_instance_count": 1},
         "ranker.initial_instance_count: no such field; allowed: foundation, instance_type, instances, components, "
         "primary, routing, rolling, slo, outbound, labels"),
        ({**LEAST, "outbound": {"reason": "why not"}},
         "ranker.outbound.reason: string should have at least 10 characters"),
        (one(weight=10),
         "ranker.components.stable.weight: no such field; allowed: version, container, requirements, copies, scaling, "
         "startup_timeout_seconds, download_timeout_seconds"),
        (one(copies=2), "ranker.components.stable: copies is 2, and scaling moves the number; leave copies out"),
        (one(copies=0), "ranker.components.stable.copies: got 0, input should be greater than or equal to 1"),
        (one(version="latest"),
         "ranker.components.stable.version: 'latest' is no semantic version; write three numbers: 1.4.0"),
        (one(startup_timeout_seconds=30),
         "ranker.components.stable.startup_timeout_seconds: got 30, input should be greater than or equal to 60"),
        (one(download_timeout_seconds=7200),
         "ranker.components.stable.download_timeout_seconds: got 7200, input should be less than or equal to 3600"),
        (one(container={"image": IMAGE, "hostname": "first"}),
         "ranker.components.stable: container.hostname is for several containers side by side, and here is one; leave "
         "it out"),
        (one(container={"image": IMAGE.replace("@sha256:" + "1" * 64, ":latest")}),
         "ranker.components.stable.container.image: has a tag, and a tag can be moved to another image; write "
         "<account>.dkr.ecr.<region>.amazonaws.com/<repository>@sha256:<64 hexadecimal digits>"),
        (one(scaling={"min_capacity": 0, "max_capacity": 2}),
         "ranker.components.stable.scaling: the floor is 0, and nothing goes down to it; give invocations_per_copy or "
         "concurrent_requests_per_copy, or write 1"),
        (one(scaling={**SCALED, "min_capacity": 3}),
         "ranker.components.stable.scaling: min_capacity is 3, above max_capacity 2; raise max_capacity or lower "
         "min_capacity"),
        (reserving(min_memory_mib=64),
         "ranker.components.stable.requirements.min_memory_mib: got 64, input should be greater than or equal to 128"),
        (reserving(cpu_cores=0.1),
         "ranker.components.stable.requirements.cpu_cores: got 0.1, input should be greater than or equal to 0.25"),
        (reserving(accelerators=0),
         "ranker.components.stable.requirements.accelerators: got 0, input should be greater than or equal to 1"),
        (reserving(max_memory_mib=512),
         "ranker.components.stable.requirements: max_memory_mib is 512, below min_memory_mib 1024; raise it"),
        (reserving(accelerators=1),
         "ranker: components.stable.requirements.accelerators is 1, and ml.m7i.large has 0; lower it, or take a larger "
         "instance type"),
        (reserving(min_memory_mib=16384),
         "ranker: components.stable.requirements.min_memory_mib is 16384, and ml.m7i.large has 8192; lower it, or take "
         "a larger instance type"),
        (reserving(cpu_cores=2.5),
         "ranker: components.stable.requirements.cpu_cores is 2.5, and ml.m7i.large has 2; lower it, or take a larger "
         "instance type"),
        ({**reserving(min_memory_mib=6144), "instances": {"min_instance_count": 0, "max_instance_count": 1}},
         "ranker: instances.max_instance_count is 1, and 1 x ml.m7i.large has min_memory_mib 8192; all copies together "
         "reserve 12288; raise it, or lower the copies"),
        ({**LEAST, "components": {"stable": MODEL}},
         "ranker: instances.min_instance_count is 0, but stable keeps 1 copy, so that instances never go; give "
         "components.stable.scaling with min_capacity 0, or write 1"),
        ({**LEAST, "components": {"stable": SLEEPING, "speller": {**MODEL, "copies": 2}}, "primary": "stable"},
         "ranker: instances.min_instance_count is 0, but speller keeps 2 copies, so that instances never go; give "
         "components.speller.scaling with min_capacity 0, or write 1"),
        ({**LEAST, "components": {"stable": SLEEPING, "speller": SLEEPING}},
         "ranker: primary: there are 2 components (stable, speller), and requests are not split among them; name one"),
        ({**LEAST, "primary": "candidate"}, "ranker: primary: no such component; there is stable"),
        ({**LEAST, "instance_type": "ml.t2.large"},
         "ranker: components.stable.scaling: ml.t2.large is burstable, and what a copy bears on it changes with its "
         "credits; take a type such as ml.m7i.large, or leave scaling out"),
        ({**LEAST, "rolling": {"batch": 50}}, "ranker: rolling: nothing says when to roll back; give slo"),
        ({**LEAST, "rolling": {"batch": 50}, "slo": {"p95": "1s"}},
         "ranker: rolling: a batch is half of the copies at most, and stable may have 0; keep 2 or more, or leave "
         "rolling out"),
        ({**AWAKE, "rolling": {"batch": 60}, "slo": {"p95": "1s"}},
         "ranker.rolling.batch: got 60, input should be less than or equal to 50"),
    ],
)  # fmt: skip
def test_bad_input_is_refused_in_one_sentence(fields, fault):
    with pytest.raises(ConfigError) as error:
        arguments(fields)
    [said] = error.value.faults
    assert str(said) == fault


def test_a_name_that_is_none_is_refused():
    with pytest.raises(ConfigError) as error:
        arguments({**LEAST, "components": {"Stable_1": SLEEPING}})
    assert "got 8 characters that are no name; write lower-case letters, digits and single hyphens" in str(error.value)
