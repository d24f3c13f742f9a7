"""What the tests of monitoring stand on: foundations, places, and every PromQL in what was made."""

import asyncio
import json
import re
from collections.abc import Callable, Iterator
from typing import Any

import promql_parser
import pulumi

from modelberth.core.service import Slo
from modelberth.kubernetes.accelerators import Devices
from modelberth.kubernetes.foundation import Foundation
from modelberth.kubernetes.manifest import Place
from modelberth.kubernetes.monitoring import Watching

DIGEST = "sha256:" + "1" * 64
PROMETHEUS = {"address": "http://prometheus.monitoring.svc:9090", "selector": {"release": "kps"}}
WITH_METRICS = ("mlserver", "serving", "tensorflow-serving", "torchserve", "triton", "vllm")
SLO = Slo.model_validate({"p95": "250ms", "p99": "300ms", "availability": "99.9%"})
GPU = Devices.model_validate({"accelerator": {"node_selector": {"nvidia.com/gpu.product": "NVIDIA-L4"}}})
SETTLED = Watching(settled=True, devices=GPU)
PLACE = Place("models", "ranker")


def foundation(*addons, prometheus=PROMETHEUS):
    """A foundation with these add-ons; Prometheus' operator where none is named."""
    given = {
        "cluster": {"kubeconfig": "kubeconfig", "context": "test"},
        "namespace": "models",
        "models": {"prefix": "s3://models/prod"},
        "addons": sorted(addons or {"prometheus-operator"}),
    }
    return Foundation.model_validate({**given, **({} if prometheus is None else {"prometheus": prometheus})})


def rules_of(objects) -> list[dict]:
    """Every rule of the PrometheusRule among some objects."""
    return [
        rule
        for made in objects.values()
        if made["kind"] == "PrometheusRule"
        for group in made["spec"]["groups"]
        for rule in group["rules"]
    ]


def board_of(objects) -> dict:
    """The dashboard among some objects."""
    for made in objects.values():
        if made["kind"] == "ConfigMap":
            return json.loads(*made["data"].values())
        if made["kind"] == "GrafanaDashboard":
            return json.loads(made["spec"]["json"])
    raise AssertionError("there is no dashboard")


def expressions_of(objects) -> Iterator[str]:
    """Every PromQL of some objects."""
    yield from (rule["expr"] for rule in rules_of(objects))
    yield from (target["expr"] for panel in board_of(objects)["panels"] for target in panel.get("targets", []))


LOOP = asyncio.new_event_loop()


def inside(make: Callable[[], Any]) -> Any:
    """What a function makes where Outputs can be made; the loop stays, for whoever makes some later."""
    asyncio.set_event_loop(LOOP)

    async def run() -> Any:
        return make()

    return LOOP.run_until_complete(run())


def known(make: Callable[[], Any]) -> Any:
    """What all Outputs in something become."""
    asyncio.set_event_loop(LOOP)

    async def run() -> Any:
        return await pulumi.Output.from_input(make()).future()

    return LOOP.run_until_complete(run())


def parsed(query: str):
    """What Prometheus' grammar makes of a query. Raises ValueError for what is none."""
    return promql_parser.parse(query)


def series_in(query: str) -> set[str]:
    """The names of all series that a query reads."""
    return set(re.findall(r"([a-zA-Z_:][\w:]*)\{", str(parsed(query))))
