"""Brings a box to the bundle that is published for it, or back to the one that worked: run by a CronJob on the box.

    python -m modelberth.kubernetes.edge.pull --from https://… --state ranker-updates --key /etc/…/key.pem

Whatever it is about to do it writes down first, in a ConfigMap, with the manifests themselves: killed at any point, it
finishes at its next run, and it goes back without a network. It imports the standard library only.
"""

import argparse
import json
import os
import sys
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from modelberth.kubernetes.edge.box_api import ACCOUNT, PATHS, ApiError, BoxApi, Manifest
from modelberth.kubernetes.edge.published import OfflineError, Pointer, read_bundle, read_pointer
from modelberth.kubernetes.edge.sums import MANIFESTS, TamperedError

DONE, REFUSED, WENT_BACK, FAILED = 0, 1, 2, 3
"""What it ends with: also 0 where nothing was to do or nothing answered, as that is how a box lives."""
LOOK_SECONDS = 1


class Updater:
    """One run on one box."""

    def __init__(self, api: BoxApi, state: str, ready_seconds: float) -> None:
        self._api = api
        self._state = {"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": state, "namespace": api.namespace}}
        self._ready_seconds = ready_seconds

    def run(self, source: str, key: bytes | None, pinned: str | None) -> int:
        """Finishes what an earlier run began, then follows the pointer. Gives what the process ends with."""
        state = self.read()
        if "trying" in state:
            print(f"{state['trying']['digest']}: an earlier run did not finish it", flush=True)
            if ended := self._try(state):
                return ended
            state = self.read()
        try:
            pointer = read_pointer(source, key, pinned)
            if (ended := _settled(state, pointer)) is not None:
                return ended
            manifests = read_bundle(source, pointer.digest)
            self._check(manifests)
        except OfflineError as error:
            print(f"offline: {error}; {_digest(state, 'good')} stays", flush=True)
            return DONE
        except TamperedError as error:
            print(f"refused: {error}; {_digest(state, 'good')} stays", flush=True)
            return REFUSED
        state["trying"] = {"digest": pointer.digest, "sequence": pointer.sequence, "manifests": manifests}
        self._write(state)
        return self._try(state)

    def read(self) -> dict[str, Any]:
        """What was written down: `good`, `trying`, `failed`."""
        found = self._api.read(self._state)
        return {} if found is None else {name: json.loads(text) for name, text in found.get("data", {}).items()}

    def _write(self, state: dict[str, Any]) -> None:
        self._api.apply({**self._state, "data": {name: json.dumps(value) for name, value in state.items()}})

    def _try(self, state: dict[str, Any]) -> int:
        """Brings the box to what is tried, or back."""
        trying, good = state["trying"], state.get("good", {})
        why = self._bring(trying["manifests"])
        if not why:
            self._remove(good.get("manifests", []), trying["manifests"])
            self._write({"good": trying})
            print(f"{trying['digest']}: serves", flush=True)
            return DONE
        print(f"{trying['digest']}: {why}; back to {_digest(state, 'good')}", flush=True)
        back = self._bring(good.get("manifests", []))
        self._remove(trying["manifests"], good.get("manifests", []))
        if back:
            # Written down as before: the next run tries again, and goes back again.
            print(f"{_digest(state, 'good')}: {back}", flush=True)
            return FAILED
        failed = {"digest": trying["digest"], "sequence": trying["sequence"]}
        self._write({"failed": failed, **({"good": good} if good else {})})
        return WENT_BACK

    def _bring(self, manifests: list[Manifest]) -> str:
        """Applies manifests and waits for what they start. Gives why not; empty: all is ready."""
        try:
            for manifest in manifests:
                self._api.apply(manifest)
            return self._wait([each for each in manifests if each["kind"] == "Deployment"])
        except ApiError as error:
            return str(error)

    def _wait(self, deployments: list[Manifest]) -> str:
        until = time.monotonic() + self._ready_seconds
        while True:
            late = [each["metadata"]["name"] for each in deployments if not ready(self._api.read(each))]
            if not late:
                return ""
            if time.monotonic() > until:
                return f"{', '.join(late)} not ready after {self._ready_seconds:g} s"
            time.sleep(LOOK_SECONDS)

    def _remove(self, manifests: list[Manifest], but: list[Manifest]) -> None:
        kept = {(each["kind"], each["metadata"]["name"]) for each in but}
        for each in manifests:
            if (each["kind"], each["metadata"]["name"]) not in kept:
                self._api.delete(each)

    def _check(self, manifests: list[Manifest]) -> None:
        """Raises `TamperedError` for what no bundle of this namespace has."""
        for each in manifests:
            named = f"{each.get('kind')} {each.get('metadata', {}).get('name')}"
            if (each.get("apiVersion"), each.get("kind")) not in PATHS:
                raise TamperedError(MANIFESTS, f"{named} is of no kind that a bundle may have")
            if each["metadata"].get("namespace") != self._api.namespace:
                raise TamperedError(MANIFESTS, f"{named} is not of the namespace {self._api.namespace}")
            if (each["kind"], each["metadata"]["name"]) == ("ConfigMap", self._state["metadata"]["name"]):
                raise TamperedError(MANIFESTS, f"{named} is what this program writes down")


def ready(deployment: Manifest | None) -> bool:
    """Whether all pods of a Deployment are those of its last change, and answer."""
    if deployment is None:
        return False
    status, wanted = deployment.get("status", {}), deployment["spec"].get("replicas", 1)
    counts = [status.get(name, 0) for name in ("replicas", "updatedReplicas", "readyReplicas")]
    return status.get("observedGeneration") == deployment["metadata"]["generation"] and counts == [wanted] * 3


def _settled(state: dict[str, Any], pointer: Pointer) -> int | None:
    """What to end with where there is nothing to do. None where there is."""
    if pointer.digest == state.get("good", {}).get("digest"):
        print(f"{pointer.digest}: serves already", flush=True)
        return DONE
    failed = state.get("failed", {})
    if pointer.digest == failed.get("digest") and pointer.sequence <= failed["sequence"]:
        print(f"{pointer.digest}: was tried and did not become ready; publish another one", flush=True)
        return DONE
    newest = max((state[name].get("sequence", 0) for name in ("good", "failed") if name in state), default=0)
    if pointer.sequence < newest:
        raise TamperedError("current.json", f"has the number {pointer.sequence}, after {newest}: it is an old one")
    return None


def _digest(state: dict[str, Any], name: str) -> str:
    return str(state.get(name, {}).get("digest", "nothing"))


def main(arguments: Sequence[str] | None = None) -> int:
    """The command. The API server is that of the pod, unless its address is given."""
    parser = argparse.ArgumentParser(description="Brings a box to the bundle that is published for it.")
    parser.add_argument("--from", dest="source", required=True, help="address that has current.json")
    parser.add_argument("--state", required=True, help="ConfigMap in which it is written down what is done")
    parser.add_argument("--key", type=Path, help="file of the Ed25519 public key (PEM) that signs pointers")
    parser.add_argument("--pinned", help="the one digest that is wanted")
    parser.add_argument("--ready-seconds", type=float, default=600)
    parser.add_argument("--account", type=Path, default=ACCOUNT, help="folder with token, ca.crt and namespace")
    parser.add_argument("--api-server", help="its address")
    given = parser.parse_args(arguments)
    host, port = os.environ.get("KUBERNETES_SERVICE_HOST", ""), os.environ.get("KUBERNETES_SERVICE_PORT", "443")
    folder: Path = given.account
    server = given.api_server or f"https://{f'[{host}]' if ':' in host else host}:{port}"
    api = BoxApi(server, (folder / "namespace").read_text().strip(), folder / "token", folder / "ca.crt")
    key = None if given.key is None else given.key.read_bytes()
    try:
        return Updater(api, given.state, given.ready_seconds).run(given.source.rstrip("/"), key, given.pinned)
    except ApiError as error:
        print(f"the API server of the box: {error}; the next run finishes", flush=True)
        return FAILED


if __name__ == "__main__":
    sys.exit(main())
