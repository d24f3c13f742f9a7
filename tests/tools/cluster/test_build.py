"""Which programs or which cluster tests get."""

import os
import subprocess
import sys

import pytest
import yaml

from cluster import build
from cluster.access import AccessError, read
from cluster.control_plane import running
from cluster.servers import ServerError
from engine.build import BuildError

PROGRAMS = ["etcd", "kube-apiserver", "kube-controller-manager", "kube-scheduler"]


def programs(folder, names):
    folder.mkdir()
    for name in names:
        (folder / name).touch(mode=0o755)
    return {"KUBEBUILDER_ASSETS": str(folder)}


def kubeconfig(path, user, cluster=None):
    named = {
        "current-context": "here",
        "contexts": [{"name": "here", "context": {"cluster": "one", "user": "me"}}],
        "clusters": [{"name": "one", "cluster": {"server": "https://127.0.0.1:6443/", **(cluster or {})}}],
        "users": [{"name": "me", "user": user}],
    }
    path.write_text(yaml.safe_dump(named))
    return path


def test_programs_that_are_named_are_taken(tmp_path):
    assert build.binaries(print, programs(tmp_path / "assets", PROGRAMS)) == tmp_path / "assets"


def test_named_programs_that_are_not_all_there_are_refused_by_name(tmp_path):
    variables = programs(tmp_path / "assets", PROGRAMS[:2])
    with pytest.raises(
        BuildError, match="has no kube-controller-manager and no kube-scheduler; wanted are etcd, "
    ) as e:
        build.binaries(print, variables)
    assert "unset KUBEBUILDER_ASSETS" in str(e.value)


def test_without_go_the_message_says_what_to_do(tmp_path, monkeypatch):
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(BuildError, match=r"no go on PATH\. Install Go .*KUBEBUILDER_ASSETS"):
        build.binaries(print, {"MODELBERTH_CACHE": str(tmp_path)})


def test_what_is_built_depends_on_what_go_reads(tmp_path, monkeypatch):
    made = []
    monkeypatch.setattr(build, "once", lambda folder, say, make: made.append(folder) or folder)
    first = build.binaries(print, {"MODELBERTH_CACHE": str(tmp_path)})
    assert first == build.binaries(print, {"MODELBERTH_CACHE": str(tmp_path)})
    monkeypatch.setattr(build, "FLAGS", (*build.FLAGS, "-race"))
    assert first != build.binaries(print, {"MODELBERTH_CACHE": str(tmp_path)})
    assert first.parent == tmp_path / "cluster"


def test_versions_are_those_of_the_module_file():
    text = (build.HERE / "go.mod").read_text()
    assert f"k8s.io/kubernetes v{build.KUBERNETES}" in text
    assert f"go.etcd.io/etcd/server/v3 v{build.ETCD}" in text
    for package in build.PROGRAMS.values():
        assert f"\t{package}\n" in text


def test_the_command_starts_nothing_for_a_cluster_that_is_named(tmp_path):
    variables = os.environ | {"MODELBERTH_TEST_KUBECONFIG": str(tmp_path / "config"), "PATH": ""}
    done = subprocess.run(
        [sys.executable, build.HERE / "build.py"], env=variables, capture_output=True, text=True, timeout=60
    )
    assert (done.returncode, done.stdout) == (0, "")
    assert "nothing is built" in done.stderr


def test_a_cluster_that_is_named_is_used_and_nothing_of_it_may_be_killed(tmp_path):
    path = kubeconfig(tmp_path / "config", {"token": "secret"})
    with running(tmp_path / "plane", variables={"MODELBERTH_TEST_KUBECONFIG": str(path)}) as cluster:
        assert (cluster.url, cluster.access.token, cluster.pids) == ("https://127.0.0.1:6443", "secret", {})
        with pytest.raises(ServerError, match="was not started by tests"):
            cluster.restart_api_server()
    assert not (tmp_path / "plane").exists()


def test_the_ambient_kubeconfig_is_never_read(tmp_path, monkeypatch):
    monkeypatch.setenv("KUBECONFIG", str(kubeconfig(tmp_path / "ambient", {"token": "secret"})))
    with (
        pytest.raises(BuildError, match="KUBEBUILDER_ASSETS"),
        running(tmp_path / "plane", variables=programs(tmp_path / "assets", []) | {"KUBECONFIG": "ambient"}),
    ):
        pass


def test_certificates_of_a_kubeconfig_may_be_files_beside_it_or_data(tmp_path):
    (tmp_path / "cert.pem").write_text("certificate")
    user = {"client-certificate": "cert.pem", "client-key-data": "a2V5"}
    found = read(kubeconfig(tmp_path / "config", user, {"certificate-authority-data": "Q0E="}))
    assert (found.certificate, found.authority, found.token) == (("certificate", "key"), "CA", None)


def test_a_kubeconfig_that_wants_a_program_to_log_in_is_refused(tmp_path):
    path = kubeconfig(tmp_path / "config", {"exec": {"command": "login"}})
    with pytest.raises(AccessError, match="the user 'me' has exec; allowed are `token` or `client-certificate`"):
        read(path)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("current-context: other\n", "no context 'other'; it has none"),
        ("{}", "no context None"),
        ("a: [", "cannot be read as a kubeconfig"),
    ],
)
def test_a_kubeconfig_without_what_is_needed_is_refused(tmp_path, text, message):
    path = tmp_path / "config"
    path.write_text(text)
    with pytest.raises(AccessError, match=message):
        read(path)
