"""A box follows what is published for it on a real API server, with the rights of its own Role and no more.

What is new and does not become ready is taken back, what was changed on its way is refused, a box that is offline
stays as it is, and a run that was killed is finished by the next one.
"""

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
from cluster_fixtures import api, cluster, namespace  # noqa: F401
from components.kubernetes.edge.boxes import Box, publish, served

import modelberth
from cluster.api import Api
from modelberth.kubernetes.edge import pull

NOWHERE = "http://127.0.0.1:9"


@pytest.fixture
def box(api, cluster, namespace, tmp_path):  # noqa: F811
    return Box(api, cluster, namespace, tmp_path / "account")


@pytest.fixture
def published(tmp_path):
    folder = tmp_path / "published"
    folder.mkdir()
    return folder


def test_it_follows_what_is_published_and_changes_nothing_twice(box, published, capsys):
    with served(published) as source:
        first = publish(published, box.namespace, "1.4.0", 1)
        assert pull.main(box.command(source)) == pull.DONE
        assert box.serving() == "1.4.0"
        assert pull.main(box.command(source)) == pull.DONE
        second = publish(published, box.namespace, "1.5.0", 2)
        assert pull.main(box.command(source)) == pull.DONE
    assert box.serving() == "1.5.0"
    assert box.state()["good"]["digest"] == second
    assert capsys.readouterr().out.splitlines() == [
        f"{first}: serves", f"{first}: serves already", f"{second}: serves",
    ]  # fmt: skip


def test_what_does_not_become_ready_is_taken_back_and_not_tried_again(box, published, capsys):
    with served(published) as source:
        good = publish(published, box.namespace, "1.4.0", 1)
        assert pull.main(box.command(source)) == pull.DONE
        extra = {"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": "new", "namespace": box.namespace}}
        bad = publish(published, box.namespace, "1.5.0", 2, fails=True, extra=[extra])
        assert pull.main(box.command(source, seconds=4)) == pull.WENT_BACK
        assert box.serving() == "1.4.0"
        assert box.api.found("v1", "ConfigMap", "new", box.namespace) is None
        assert pull.main(box.command(source)) == pull.DONE
        told = capsys.readouterr().out.splitlines()
        assert told[1:] == [
            f"{bad}: ranker not ready after 4 s; back to {good}",
            f"{bad}: was tried and did not become ready; publish another one",
        ]
        better = publish(published, box.namespace, "1.6.0", 3)
        assert pull.main(box.command(source)) == pull.DONE
    assert box.serving() == "1.6.0"
    assert box.state()["good"]["digest"] == better


def test_what_is_no_longer_in_a_bundle_goes(box, published):
    extra = {"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": "old", "namespace": box.namespace}}
    with served(published) as source:
        publish(published, box.namespace, "1.4.0", 1, extra=[extra])
        assert pull.main(box.command(source)) == pull.DONE
        assert box.api.found("v1", "ConfigMap", "old", box.namespace) is not None
        publish(published, box.namespace, "1.5.0", 2)
        assert pull.main(box.command(source)) == pull.DONE
    assert box.api.found("v1", "ConfigMap", "old", box.namespace) is None


def test_a_bundle_that_was_changed_on_its_way_is_refused_and_nothing_of_it_is_applied(box, published, capsys):
    with served(published) as source:
        good = publish(published, box.namespace, "1.4.0", 1)
        assert pull.main(box.command(source)) == pull.DONE
        digest = publish(published, box.namespace, "1.5.0", 2)
        path = published / "bundles" / digest.removeprefix("sha256:") / "manifests.json"
        path.write_text(path.read_text().replace('"replicas": 1', '"replicas": 9'))
        assert pull.main(box.command(source)) == pull.REFUSED
    assert box.serving() == "1.4.0"
    told = capsys.readouterr().out.splitlines()[-1]
    assert told == f"refused: manifests.json: it is not what was published; {good} stays"


def test_a_pointer_of_somebody_else_and_one_of_yesterday_are_refused(box, published, capsys):
    with served(published) as source:
        publish(published, box.namespace, "1.4.0", 7)
        yesterday = (published / "current.json").read_text()
        publish(published, box.namespace, "1.5.0", 8)
        assert pull.main(box.command(source)) == pull.DONE
        (published / "current.json").write_text(yesterday)
        assert pull.main(box.command(source)) == pull.REFUSED
        (published / "current.json").write_text(json.dumps({**json.loads(yesterday), "sequence": 9}))
        assert pull.main(box.command(source)) == pull.REFUSED
    assert box.serving() == "1.5.0"
    *_, old, forged = capsys.readouterr().out.splitlines()
    assert "has the number 7, after 8: it is an old one" in old
    assert "its signature is not of the key that is trusted" in forged


def test_a_box_that_is_offline_stays_as_it_is_and_says_so(box, published, capsys):
    with served(published) as source:
        good = publish(published, box.namespace, "1.4.0", 1)
        assert pull.main(box.command(source)) == pull.DONE
    before = box.state()
    assert pull.main(box.command(NOWHERE)) == pull.DONE
    told = capsys.readouterr().out.splitlines()[-1]
    assert told.startswith(f"offline: {NOWHERE}/current.json: ")
    assert told.endswith(f"; {good} stays")
    assert (box.serving(), box.state()) == ("1.4.0", before)


@pytest.mark.parametrize("kind", ["Secret", "Role", "CronJob"])
def test_it_brings_nothing_that_would_give_it_more_rights(kind, box, published, capsys):
    # A bundle refuses a Secret itself, so the updater's own check is asked.
    updater = pull.Updater(pull.BoxApi(box.url, box.namespace, Path("t"), Path("c")), "updates-state", 1)
    with pytest.raises(pull.TamperedError, match="is of no kind that a bundle may have"):
        updater._check([{"apiVersion": "v1", "kind": kind, "metadata": {"name": "x", "namespace": box.namespace}}])
    with pytest.raises(pull.TamperedError, match="is not of the namespace"):
        updater._check([{"apiVersion": "v1", "kind": "Service", "metadata": {"name": "x", "namespace": "kube-system"}}])


def killed_after(box: Box, source: str, moment: str) -> None:
    """Starts a run as a process of its own and kills it at a moment of it."""
    path = os.pathsep.join(str(Path(root).parent) for root in modelberth.__path__)
    environment = {**os.environ, "PYTHONPATH": path}
    command = [sys.executable, "-m", "modelberth.kubernetes.edge.pull", *box.command(source, seconds=60)]
    process = subprocess.Popen(command, env=environment, stdout=subprocess.DEVNULL)
    try:
        until = time.monotonic() + 60
        while not reached(box.api, box.namespace, moment):
            assert process.poll() is None, "it ended before it could be killed"
            assert time.monotonic() < until, f"it never came to: {moment}"
            time.sleep(0.02)
    finally:
        process.send_signal(signal.SIGKILL)
        process.wait()


def reached(asked: Api, place: str, moment: str) -> bool:
    if moment == "written down":
        found = asked.found("v1", "ConfigMap", "updates-state", place)
        return found is not None and "trying" in found["data"]
    found = asked.found("apps/v1", "Deployment", "ranker", place)
    return found is not None and found["spec"]["template"]["metadata"]["labels"]["app.kubernetes.io/version"] == "1.5.0"


@pytest.mark.parametrize("moment", ["written down", "applied"])
@pytest.mark.parametrize("fails", [False, True], ids=["good", "bad"])
def test_a_run_that_was_killed_is_finished_by_the_next_even_without_a_network(moment, fails, box, published):
    with served(published) as source:
        publish(published, box.namespace, "1.4.0", 1)
        assert pull.main(box.command(source)) == pull.DONE
        # One that fails waits, so that there is time to kill it.
        publish(published, box.namespace, "1.5.0", 2, fails=True)
        killed_after(box, source, moment)
    assert "trying" in box.state()
    if not fails:
        # The cause is gone by the next run: what was written down is brought, as it was written.
        amend(box)
    assert pull.main(box.command(NOWHERE, seconds=4)) == (pull.WENT_BACK if fails else pull.DONE)
    assert box.serving() == ("1.4.0" if fails else "1.5.0")
    assert "trying" not in box.state()


def amend(box: Box) -> None:
    """Takes the annotation by which the node stand-in keeps a pod down out of what was written down."""
    found = box.api.get("v1", "ConfigMap", "updates-state", box.namespace)
    trying = json.loads(found["data"]["trying"])
    for each in trying["manifests"]:
        if each["kind"] == "Deployment":
            each["spec"]["template"]["metadata"].pop("annotations")
    data = {**found["data"], "trying": json.dumps(trying)}
    manifest = {
        "apiVersion": "v1",
        "kind": "ConfigMap",
        "metadata": {"name": "updates-state", "namespace": box.namespace},
    }
    box.api.apply({**manifest, "data": data}, manager="modelberth-edge", force=True)
