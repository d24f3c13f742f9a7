"""The dashboard of an endpoint: its structure as CloudWatch documents it, and what each kind shows."""

import re

import jsonschema
import pytest
from metric_math import evaluate

from modelberth.aws.provider import Account
from modelberth.aws.sagemaker.alarms import alarm_table
from modelberth.aws.sagemaker.dashboard import dashboard_body
from modelberth.aws.sagemaker.metrics import PUBLISHED, Capacity
from modelberth.core.service import Slo

ACCOUNT = Account(region="eu-central-1", id="123456789012")
SLO = Slo.parse({"p95": "200ms", "p99": "1s"})
VARIANTS = {
    "realtime": {"stable": Capacity(vcpus=4, gpus=2), "candidate": Capacity(vcpus=4)},
    "serverless": {"stable": None},
    "asynchronous": {"stable": Capacity(vcpus=4)},
}

# After https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/CloudWatch-Dashboard-Body-Structure.html, as
# far as we use it, and nothing else allowed.
OPTIONS = {
    "type": "object",
    "additionalProperties": False,
    "properties": {
        "expression": {"type": "string", "maxLength": 2048},
        "id": {"type": "string", "pattern": "^[a-z][a-zA-Z0-9_]*$", "maxLength": 255},
        "label": {"type": "string"},
        "stat": {"enum": ["Average", "Maximum", "Minimum", "SampleCount", "Sum", "p50", "p95", "p99"]},
        "visible": {"type": "boolean"},
    },
}
LINE = {
    "type": "array",
    "minItems": 1,
    "anyOf": [
        {"maxItems": 1, "prefixItems": [{**OPTIONS, "required": ["expression", "id", "label"]}]},
        {
            "minItems": 5,
            "maxItems": 7,
            "contains": {**OPTIONS, "not": {"required": ["expression"]}, "required": ["label", "stat"]},
            "minContains": 1,
            "maxContains": 1,
            "items": {"type": ["string", "object"]},
        },
    ],
}
LIMIT = {
    "type": "object",
    "additionalProperties": False,
    "required": ["value"],
    "properties": {"value": {"type": "number"}, "label": {"type": "string"}},
}
GRAPH = {
    "type": "object",
    "additionalProperties": False,
    "required": ["metrics", "region"],
    "properties": {
        "title": {"type": "string"},
        "region": {"type": "string"},
        "view": {"enum": ["timeSeries", "singleValue", "gauge", "bar", "pie"]},
        "period": {"type": "integer", "multipleOf": 60},
        "metrics": {"type": "array", "minItems": 1, "maxItems": 500, "items": LINE},
        "yAxis": {
            "type": "object",
            "additionalProperties": False,
            "properties": {
                "left": {
                    "type": "object",
                    "additionalProperties": False,
                    "properties": {"min": {"type": "number"}, "showUnits": {"type": "boolean"}},
                }
            },
        },
        "annotations": {
            "type": "object",
            "additionalProperties": False,
            "properties": {"horizontal": {"type": "array", "minItems": 1, "items": LIMIT}},
        },
    },
}
ALARMS = {
    "type": "object",
    "additionalProperties": False,
    "required": ["alarms"],
    "properties": {
        "title": {"type": "string"},
        "alarms": {
            "type": "array",
            "minItems": 1,
            "maxItems": 100,
            "uniqueItems": True,
            "items": {"type": "string", "pattern": "^arn:aws:cloudwatch:[a-z0-9-]+:[0-9]{12}:alarm:.+$"},
        },
        "sortBy": {"enum": ["default", "stateUpdatedTimestamp", "timestamp"]},
    },
}
PLACE = {
    "x": {"type": "integer", "minimum": 0, "maximum": 23},
    "y": {"type": "integer", "minimum": 0},
    "width": {"type": "integer", "minimum": 1, "maximum": 24},
    "height": {"type": "integer", "minimum": 1, "maximum": 1000},
}


def widget(kind, properties):
    return {
        "type": "object",
        "additionalProperties": False,
        "required": ["type", "properties", *PLACE],
        "properties": {"type": {"const": kind}, "properties": properties, **PLACE},
    }


BODY = {
    "type": "object",
    "additionalProperties": False,
    "required": ["widgets"],
    "properties": {
        "start": {"type": "string", "pattern": "^-P"},
        "periodOverride": {"enum": ["auto", "inherit"]},
        "widgets": {
            "type": "array",
            "maxItems": 500,
            "items": {"oneOf": [widget("metric", GRAPH), widget("alarm", ALARMS)]},
        },
    },
}


def body(kind="realtime", slo=SLO):
    variants = VARIANTS[kind]
    return dashboard_body(ACCOUNT, "prod-ranker", kind, variants, slo, alarm_table("prod-ranker", kind, variants, slo))


def graphs(**fields):
    return {part["properties"]["title"]: part["properties"] for part in body(**fields)["widgets"]}


@pytest.mark.parametrize("kind", VARIANTS)
def test_the_body_is_as_cloudwatch_documents_it(kind):
    jsonschema.validate(body(kind), BODY, cls=jsonschema.Draft202012Validator)


def test_a_body_with_a_misspelt_word_would_be_found():
    wrong = body()
    wrong["widgets"][1]["properties"]["metric"] = []
    with pytest.raises(jsonschema.ValidationError):
        jsonschema.validate(wrong, BODY, cls=jsonschema.Draft202012Validator)


@pytest.mark.parametrize("kind", VARIANTS)
def test_nothing_covers_anything_else(kind):
    taken = [
        (x, y)
        for part in body(kind)["widgets"]
        for x in range(part["x"], part["x"] + part["width"])
        for y in range(part["y"], part["y"] + part["height"])
    ]
    assert len(taken) == len(set(taken))
    assert max(x for x, _ in taken) < 24


@pytest.mark.parametrize("kind", VARIANTS)
def test_every_line_is_of_a_metric_that_the_kind_publishes(kind):
    lines = [line for graph in graphs(kind=kind).values() for line in graph.get("metrics", [])]
    assert {line[1] for line in lines if len(line) > 1} <= set(PUBLISHED[kind])


@pytest.mark.parametrize("kind", VARIANTS)
def test_every_word_of_an_expression_is_a_line_of_the_same_graph(kind):
    for graph in graphs(kind=kind).values():
        options = [line[-1] for line in graph.get("metrics", [])]
        known = [option["id"] for option in options if "id" in option]
        assert len(known) == len(set(known))
        for option in options:
            words = set(re.findall(r"[a-z]\w*", option.get("expression", "")))
            assert words <= set(known)


def test_what_a_realtime_endpoint_shows():
    assert list(graphs()) == [
        "Alarms of prod-ranker",
        "Requests a minute",
        "Errors, %",
        "Latency of the model, ms",
        "In use, %",
        "Instances that answer",
    ]


def test_what_the_other_kinds_show():
    assert list(graphs(kind="serverless"))[-1] == "Cold starts, µs"
    assert list(graphs(kind="asynchronous"))[-2:] == ["Requests in the queue", "Oldest request, s"]


def test_the_slo_is_drawn_beside_the_latency():
    latency = graphs()["Latency of the model, ms"]
    assert latency["annotations"] == {
        "horizontal": [{"label": "SLO p95", "value": 200}, {"label": "SLO p99", "value": 1000}]
    }
    assert "annotations" not in graphs(slo=None)["Latency of the model, ms"]


def line(title, label):
    (found,) = [item[-1] for item in graphs()[title]["metrics"] if item[-1]["label"] == label]
    return found


def test_what_is_calculated_for_a_line():
    in_use = line("In use, %", "stable gpu")
    assert evaluate(in_use["expression"], {"gpu0": 100}) == 50
    failed = line("Errors, %", "candidate 5XX")
    assert evaluate(failed["expression"], {"errors15XX": 1, "requests15XX": 50}) == 2
    assert evaluate(failed["expression"], {"errors15XX": 0, "requests15XX": 0}) == 0


def test_instances_are_counted_from_requests():
    counted = line("Instances that answer", "stable")
    # Three instances answer twelve requests: each is published as a third.
    assert evaluate(counted["expression"], {"requests0": 12, "share0": 4}) == 3
    assert evaluate(counted["expression"], {"requests0": 0, "share0": 0}) == 0
