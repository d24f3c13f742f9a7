"""What SageMaker tells of an endpoint by kind, and queries that answer a gate."""

import json

import botocore.session
import pytest
from botocore.validate import ParamValidator
from metric_math import evaluate

from modelberth.aws.sagemaker.metrics import (
    ERROR_SHARE,
    PUBLISHED,
    Capacity,
    errors,
    fullness,
    metric,
    queries,
    requests,
    saturation,
)
from modelberth.core.endpoint import for_version

SMALL = Capacity(vcpus=4)
LARGE = Capacity(vcpus=48, gpus=4)
VERSIONS = {"1.4.0": "stable", "1.5.0": "candidate"}
SAME = {"stable": SMALL, "candidate": SMALL}


def asked(signal, version="1.5.0", **fields):
    return json.loads(for_version(queries("eu-central-1", "s-ranker", VERSIONS, **fields)[signal], version))


def test_a_metric_stands_in_its_namespace_with_its_dimensions():
    of_variant = {"EndpointName": "e", "VariantName": "v"}
    latency = metric("realtime", "ModelLatency", "e", "v", "p95")
    assert (latency.namespace, latency.dimensions) == ("AWS/SageMaker", of_variant)
    cpu = metric("realtime", "CPUUtilization", "e", "v", "Average")
    assert (cpu.namespace, cpu.dimensions) == ("/aws/sagemaker/Endpoints", of_variant)


def test_the_queue_stands_before_all_variants():
    assert metric("asynchronous", "ApproximateBacklogSize", "e", "v", "Maximum").dimensions == {"EndpointName": "e"}


@pytest.mark.parametrize(
    ("kind", "name"),
    [
        ("realtime", "ApproximateBacklogSizePerInstance"),
        ("serverless", "CPUUtilization"),
        ("asynchronous", "Invocations"),
    ],
)
def test_a_metric_that_the_kind_does_not_publish_is_refused(kind, name):
    with pytest.raises(ValueError) as error:
        metric(kind, name, "e", "v", "Sum")
    assert str(error.value) == f"{name}: SageMaker publishes no such metric for a {kind} endpoint; take another"


@pytest.mark.parametrize("kind", PUBLISHED)
def test_every_kind_counts_its_requests(kind):
    counted = requests(kind, "e", "v")
    if kind == "asynchronous":
        assert (counted.name, counted.statistic) == ("Invocation5XXErrors", "SampleCount")
    else:
        assert (counted.name, counted.statistic) == ("Invocations", "Sum")
    assert set(errors(kind, "e", "v", "5XX")) == {"errors", "requests"}


def test_a_processor_is_full_at_100_for_each_core():
    assert fullness("realtime", LARGE) == {
        "CPUUtilization": 4800,
        "GPUUtilization": 400,
        "MemoryUtilization": 100,
        "DiskUtilization": 100,
    }
    assert "GPUUtilization" not in fullness("asynchronous", SMALL)
    assert fullness("serverless", None) == {"MemoryUtilization": 100, "ServerlessConcurrentExecutionsUtilization": 1}


def test_without_a_capacity_nobody_can_say_what_full_is():
    with pytest.raises(ValueError, match=r"^the capacity of a realtime variant is missing; give its vcpus and gpus$"):
        fullness("realtime", None)


def test_saturation_is_that_of_the_fullest():
    _, expression = saturation("realtime", "e", "v", LARGE)
    used = {"cpuutilization": 2400, "gpuutilization": 360, "memoryutilization": 20, "diskutilization": 10}
    assert evaluate(expression, used) == 0.9


@pytest.mark.parametrize(("failed", "total", "share"), [(0, 0, 0), (0, 7, 0), (3, 12, 0.25), (5, 5, 1)])
def test_the_error_share_is_safe_without_requests(failed, total, share):
    assert evaluate(ERROR_SHARE.format(least=1), {"errors": failed, "requests": total}) == share


def test_every_signal_is_answered_in_its_unit():
    made = queries("eu-central-1", "s-ranker", VERSIONS, capacities=SAME)
    assert {signal: query.unit for signal, query in made.items()} == {
        "requests": "count",
        "error_rate": "share",
        "p50": "seconds",
        "p95": "seconds",
        "p99": "seconds",
        "saturation": "share",
    }
    assert {(query.language, query.source) for query in made.values()} == {("cloudwatch", "eu-central-1")}


@pytest.mark.parametrize("kind", PUBLISHED)
def test_queries_are_what_getmetricdata_takes_and_one_returns_data(kind):
    service = botocore.session.get_session().get_service_model("cloudwatch")
    shape = service.operation_model("GetMetricData").input_shape.members["MetricDataQueries"]
    for signal in queries("eu-central-1", "s-ranker", VERSIONS, kind=kind, capacities=SAME):
        sent = asked(signal, kind=kind, capacities=SAME)
        report = ParamValidator().validate(sent, shape)
        assert not report.has_errors(), report.generate_report()
        assert [query["ReturnData"] for query in sent].count(True) == 1


def test_a_query_is_about_the_variant_of_its_version():
    for version, variant in VERSIONS.items():
        (latency, _) = asked("p95", version)
        assert {"Name": "VariantName", "Value": variant} in latency["MetricStat"]["Metric"]["Dimensions"]


def test_latencies_are_in_seconds():
    latency, answer = asked("p99")
    assert latency["MetricStat"]["Stat"] == "p99"
    assert evaluate(answer["Expression"], {"latency": 250_000}) == 0.25


def test_requests_are_the_metric_itself():
    (counted,) = asked("requests")
    assert (counted["MetricStat"]["Stat"], counted["ReturnData"]) == ("Sum", True)


def test_saturation_is_there_only_where_one_query_holds_for_every_variant():
    assert "saturation" not in queries("eu-central-1", "s-ranker", VERSIONS)
    different = {"stable": SMALL, "candidate": LARGE}
    assert "saturation" not in queries("eu-central-1", "s-ranker", VERSIONS, capacities=different)
    assert "saturation" in queries("eu-central-1", "s-ranker", VERSIONS, kind="serverless")
