"""Plays the controllers of add-ons, of which the test cluster has only the definitions.

`pulumi up` waits until such a controller says that an object does its work (`pulumi.com/waitFor`), and a Service until
there are pods behind it. So: `KServe` makes the pods of an InferenceService, and every kind of READY is told ready once
its pods are. Nothing else is played: no gateway answers, no certificate is issued, nothing scales.
"""

import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any

import httpx

from cluster.api import Api, Manifest, NotServed, Refused

CONDITION = {"status": "True", "reason": "PlayedByTests", "lastTransitionTime": "2026-01-01T00:00:00Z"}
INFERENCE_SERVICE = ("serving.kserve.io/v1beta1", "InferenceService")
READY: dict[tuple[str, str], Manifest] = {
    INFERENCE_SERVICE: {"conditions": [{"type": "Ready", **CONDITION}]},
    ("leaderworkerset.x-k8s.io/v1", "LeaderWorkerSet"): {
        "conditions": [{"type": "Available", "message": "played", **CONDITION}]
    },
    ("ray.io/v1", "RayService"): {"conditions": [{"type": "Ready", "message": "played", **CONDITION}]},
    ("machinelearning.seldon.io/v1", "SeldonDeployment"): {"state": "Available"},
}
"""Kind to the status that says: it serves."""

PARTS = ("predictor", "transformer", "explainer")
KSERVES_OWN = ("labels", "annotations", "minReplicas", "maxReplicas", "scaleTarget", "scaleMetric", "scaleMetricType")
KSERVES_WORDS = ("autoScaling", "canaryTrafficPercent", "logger", "batcher", "model", "deploymentStrategy", "timeout")
NOT_OF_A_POD = (*KSERVES_OWN, *KSERVES_WORDS, "containerConcurrency", "workerSpec")
"""What a part of an InferenceService says besides its pods.
Source: kserve/kserve@v0.16.0:pkg/apis/serving/v1beta1/component.go, ComponentExtensionSpec"""

SECONDS_BETWEEN_LOOKS = 0.3


class Controllers:
    """The controllers of one cluster, for objects in some namespaces."""

    def __init__(self, api: Api, namespaces: Sequence[str]) -> None:
        self.api = api
        self.namespaces = namespaces
        self.told: set[str] = set()
        """What was told ready, as `Kind name`."""

    def follow(self, ended: threading.Event) -> None:
        """Plays every object until `ended` is set; outlives a restart of the API server."""
        while not ended.wait(SECONDS_BETWEEN_LOOKS):
            for namespace in self.namespaces:
                self._look(namespace)

    def _look(self, namespace: str) -> None:
        for which in READY:
            try:
                for found in self.api.list(*which, namespace):
                    self._play(which, found)
            except (NotServed, Refused, httpx.HTTPError):
                continue  # not installed, gone meanwhile, or the API server is away: looked at again

    def _play(self, which: tuple[str, str], found: Manifest) -> None:
        """Takes one object a step on: to its pods, and once they serve to being told ready."""
        if "deletionTimestamp" in found["metadata"]:
            return
        serve = [self._serves(one) for one in workloads(found)]  # of each, so that all are made at once
        if not all(serve):
            return
        wanted, about = READY[which], found["metadata"]
        if {name: (found.get("status") or {}).get(name) for name in wanted} == wanted:
            return
        same = {"name": about["name"], "namespace": about["namespace"]}
        patch = {"apiVersion": which[0], "kind": which[1], "metadata": same, "status": wanted}
        self.api.patch(patch, "status", "application/merge-patch+json")
        self.told.add(f"{which[1]} {about['name']}")

    def _serves(self, wanted: Manifest) -> bool:
        """Whether a Deployment of this generation of its owner is up. Makes it where it is not there."""
        about = wanted["metadata"]
        live = self.api.found("apps/v1", "Deployment", about["name"], about["namespace"])
        made_of = None if live is None else live["metadata"].get("annotations", {}).get(GENERATION)
        if live is None or made_of != about["annotations"][GENERATION]:
            self.api.apply(wanted, manager="played-kserve")
            return False
        status = live.get("status") or {}
        seen = status.get("observedGeneration", 0) >= live["metadata"]["generation"]
        return seen and status.get("availableReplicas", 0) >= live["spec"].get("replicas", 1)


GENERATION = "test.modelberth.dev/generation"
"""Annotation on a played Deployment: the generation of the InferenceService that it was made of."""


def workloads(found: Manifest) -> list[Manifest]:
    """The Deployments that KServe makes of an InferenceService; of other kinds nothing is made. Pure.

    Labels as KServe 0.16 sets them, pkg/constants/constants.go; model servers of KServe's own runtimes are left out.
    """
    if found["kind"] != INFERENCE_SERVICE[1]:
        return []
    parts = [part for part in PARTS if (found["spec"].get(part) or {}).get("containers")]
    return [_deployment(found, part) for part in parts]


def _deployment(owner: Manifest, part: str) -> Manifest:
    about, spec = owner["metadata"], owner["spec"][part]
    name = f"{about['name']}-{part}"
    own = {"serving.kserve.io/inferenceservice": about["name"], "component": part}
    labels = {**about.get("labels", {}), **spec.get("labels", {}), **own}
    reference = {word: owner[word] for word in ("apiVersion", "kind")}
    reference |= {word: about[word] for word in ("name", "uid")} | {"controller": True}
    pod: dict[str, Any] = {word: value for word, value in spec.items() if word not in NOT_OF_A_POD}
    return {
        "apiVersion": "apps/v1",
        "kind": "Deployment",
        "metadata": {
            "name": name,
            "namespace": about["namespace"],
            "labels": labels,
            "annotations": {GENERATION: str(about["generation"])},
            "ownerReferences": [reference],
        },
        "spec": {
            "replicas": spec.get("minReplicas") or 1,
            "selector": {"matchLabels": own},
            "template": {"metadata": {"labels": labels}, "spec": pod},
        },
    }


@contextmanager
def played(api: Api, *namespaces: str) -> Iterator[Controllers]:
    """The controllers, playing in a thread of this process for as long as this lasts."""
    ended = threading.Event()
    controllers = Controllers(api, namespaces)
    thread = threading.Thread(target=controllers.follow, args=(ended,), name="played-controllers")
    thread.start()
    try:
        yield controllers
    finally:
        ended.set()
        thread.join()
