"""What no kind of inference can honour of a `Service`, and what all of them make of it alike."""

import pytest
from components.aws.sagemaker.portables import ALERTS, FOLDER, IMAGE, LABELS, STABLE, TRAFFIC, Portable
from hypothesis import given, settings
from hypothesis import strategies as st

from modelberth.aws.retention import ACCEPTED_DAYS
from modelberth.aws.sagemaker import translation
from modelberth.aws.sagemaker.asynchronous import portable as asynchronous
from modelberth.aws.sagemaker.realtime import portable as realtime
from modelberth.aws.sagemaker.serverless import portable as serverless
from modelberth.core.service import Scale, Service

SIZE = {"size": {"cpu": 2, "memory_gib": 8}}
KINDS = {
    "realtime": Portable(realtime, "aws:sagemaker/realtime", SIZE),
    "serverless": Portable(serverless, "aws:sagemaker/serverless", {}),
    "asynchronous": Portable(asynchronous, "aws:sagemaker/asynchronous", SIZE),
}


REFUSED = {
    "a runtime without an image": (
        {"runtime": "triton"},
        None,
        "runtime",
        "no image of triton is in foundation.aws.images; there are: serving",
        "add it there, by digest",
    ),
    "a split": (
        {"rollout": {"ab_test": {"variants": {"1.4.0": 50, "1.5.0": 50}}}},
        None,
        "rollout.ab_test",
        "a split is no rollout here",
        "write candidate and weight in the rollouts file",
    ),
    "a shadow as a rollout": (
        {"rollout": {"shadow": {}}},
        None,
        "rollout.shadow",
        "copies are no rollout here",
        "write candidate and mirror in the rollouts file",
    ),
    "us in eu-central-1": (
        {"data": {"residency": "us"}},
        None,
        "data.residency",
        "the region is eu-central-1",
        "choose another region",
    ),
    "another region": (
        {"data": {"residency": "eu-west-1"}},
        None,
        "data.residency",
        "the region is eu-central-1",
        "choose another region",
    ),
    "logs of 31 days": (
        {"data": {"retention": "31d"}},
        None,
        "data.retention",
        "CloudWatch keeps logs for certain numbers of days only, 31 is none of them",
        "write 30d, 90d or 365d",
    ),
    "logs of an hour": (
        {"data": {"retention": "1h"}},
        None,
        "data.retention",
        "CloudWatch keeps logs for certain numbers of days only, 0.0416667 is none of them",
        "write 30d, 90d or 365d",
    ),
}


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("case", REFUSED)
def test_refused_by_name_by_every_kind(case, kind):
    fields, traffic, field, why, fix = REFUSED[case]
    assert KINDS[kind].refusals(traffic, **fields) == [(field, why, fix)]


def container_of(kind, args):
    return (args.variants["stable"] if kind == "realtime" else args.artefact).containers[0]


@pytest.mark.parametrize("kind", KINDS)
def test_a_model_is_its_image_and_its_files_under_their_digest(kind):
    container = container_of(kind, KINDS[kind].endpoint())
    files = f"{FOLDER}model.tar.gz" if kind == "serverless" else FOLDER
    assert (container.image, container.model_data, container.archive) == (IMAGE, files, kind == "serverless")
    assert container.environment == {
        "MODELBERTH_NAME": "ranker",
        "MODELBERTH_VERSION": "1.4.0",
        "MODELBERTH_MODEL": "/opt/ml/model",
    }


@pytest.mark.parametrize("kind", KINDS)
def test_another_digest_is_another_folder(kind):
    other = {"stable": {**STABLE, "digest": "sha256:" + "9" * 64}}
    files = [container_of(kind, KINDS[kind].endpoint(traffic)).model_data for traffic in (TRAFFIC, other)]
    assert files[0] != files[1]
    assert "sha256-" + "9" * 64 in files[1]


@pytest.mark.parametrize("kind", KINDS)
def test_what_is_promised_whose_it_is_and_how_long_logs_are_kept(kind):
    args = KINDS[kind].endpoint(slo={"p95": "200ms"}, data={"retention": "30d", "residency": "eu"})
    assert args.slo.p95 == 0.2
    assert args.labels == LABELS
    assert args.foundation.log_retention_days == 30
    assert KINDS[kind].endpoint().foundation.log_retention_days == 90
    assert args.foundation.alerts == ALERTS


@pytest.mark.parametrize("kind", KINDS)
def test_the_region_itself_is_a_residency(kind):
    assert KINDS[kind].endpoint(data={"residency": "eu-central-1"}) is not None


@pytest.mark.parametrize("kind", KINDS)
def test_all_at_once_is_no_rollout(kind):
    args = KINDS[kind].endpoint(rollout={"all_at_once": {}})
    assert getattr(args, "rollout", None) is None


@pytest.mark.parametrize("kind", KINDS)
def test_all_refusals_come_together(kind):
    fields = {"runtime": "triton", "data": {"residency": "us", "retention": "31d"}, "slo": {"p99": 0}}
    assert [field for field, *_ in KINDS[kind].refusals(**fields)] == [
        "runtime",
        "data.residency",
        "data.retention",
        "slo.p99",
    ]


@pytest.mark.parametrize("kind", KINDS)
def test_what_is_translated_can_be_created_and_answers_in_its_own_words(kind):
    _, plan = KINDS[kind].deployed({}, create=True)
    end = "async-invocations" if kind == "asynchronous" else "invocations"
    assert plan.outputs["url"] == (f"https://runtime.sagemaker.eu-central-1.amazonaws.com/endpoints/prod-ranker/{end}")


@given(st.floats(0, 4000 * 86400))
@settings(derandomize=True, deadline=None)
def test_an_accepted_retention_is_one_that_cloudwatch_has(seconds):
    service = Service.parse({"on": "aws", "model": {"uri": "m"}, "data": {"retention": seconds}})
    days = translation.retention(service)["log_retention_days"]
    exact = seconds / 86400
    assert (exact in ACCEPTED_DAYS) == (days in ACCEPTED_DAYS and days == exact)


@given(st.integers(1, 5), st.integers(0, 5), st.booleans())
@settings(derandomize=True, deadline=None)
def test_a_range_moves_by_a_signal_and_a_signal_in_a_range(low, more, signal):
    scale = Scale.parse({"min": low, "max": low + more, **({"on": {"concurrency": 1}} if signal else {})})
    met = [field for met, field, *_ in translation.unmoved(scale) if met]
    assert bool(met) == ((scale.min < scale.max) != signal)
