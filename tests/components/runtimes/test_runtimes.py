"""Every shipped model server loads, hangs together and says where its facts are from."""

import re
import subprocess
import sys
from pathlib import Path
from unittest.mock import Mock

import pytest
import yaml
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from starlette.routing import Route

from modelberth import runtimes
from modelberth.core.errors import ConfigError
from modelberth.runtimes import PLACEHOLDERS, fill, load, names, placeholders
from modelberth.serving.app import Serving, build
from modelberth.serving.settings import Settings, parse

# The same samples at every run, and no clock: other people's work may slow the machine.
STEADY = settings(derandomize=True, deadline=None, suppress_health_check=[HealthCheck.too_slow])
ROOT = Path(__file__).parents[3]
NOT_FACTS = {"name", "title", "notes", "sources"}


def written(name: str) -> dict[str, object]:
    return yaml.safe_load((ROOT / f"components/modelberth/runtimes/{name}.yaml").read_text())


def test_the_servers_of_the_field_are_there() -> None:
    wanted = {"serving", "mlserver", "tensorflow-serving", "torchserve", "triton", "vllm", "fastapi", "flask"}
    assert wanted <= set(names())
    assert {load(name).platform.name for name in names() if load(name).platform} == {"seldon-core-1", "seldon-core-2"}


@pytest.mark.parametrize("name", names())
class TestEachRuntime:
    def test_its_name_is_its_files(self, name: str) -> None:
        assert load(name).name == name
        assert load(name) is load(name)

    def test_each_fact_has_a_source_and_no_source_is_without_a_fact(self, name: str) -> None:
        assert set(load(name).sources) == set(written(name)) - NOT_FACTS

    def test_each_source_is_somewhere(self, name: str) -> None:
        sources = [source for of_fact in load(name).sources.values() for source in of_fact]
        assert sources
        for source in sources:
            assert not source.startswith("components/") or (ROOT / source).exists()

    def test_its_commands_are_filled_with_the_known_words_alone(self, name: str) -> None:
        runtime = load(name)
        values = {word: f"<{word}>" for word in PLACEHOLDERS}
        for start in (runtime.container, runtime.process):
            texts = [*start.texts()] if start else []
            assert placeholders(texts) <= PLACEHOLDERS.keys()
            assert not re.search(r"[{}]", "".join(fill(texts, values)))

    def test_an_image_is_never_taken_by_a_moving_tag(self, name: str) -> None:
        image = load(name).image
        for accelerator, pattern in image.tags.items() if image else ():
            assert accelerator in load(name).accelerators
            for tag in ("latest", "latest-gpu", "latest-cpu", "nightly", ""):
                assert not re.search(pattern, tag)

    def test_it_runs_from_an_image_on_a_platform_or_from_the_users_image(self, name: str) -> None:
        runtime = load(name)
        if runtime.platform:
            assert runtime.container is None
            assert not runtime.ports
        if runtime.health or runtime.metrics:
            assert "http" in runtime.ports
        if runtime.container and "{implementation}" in " ".join(runtime.container.texts()):
            assert set(runtime.implementations) == set(runtime.formats)


def test_only_our_own_runs_as_a_plain_process() -> None:
    assert [name for name in names() if load(name).process] == ["serving"]


@pytest.mark.parametrize(
    ("name", "ports"),
    [
        ("mlserver", {"http": 8080, "grpc": 8081, "metrics": 8082}),
        ("tensorflow-serving", {"http": 8501, "grpc": 8500}),
        ("torchserve", {"http": 8080, "grpc": 7070, "metrics": 8082, "management": 8081}),
        ("triton", {"http": 8000, "grpc": 8001, "metrics": 8002}),
        ("vllm", {"http": 8000}),
    ],
)
def test_the_ports_are_the_documented_ones(name: str, ports: dict[str, int]) -> None:
    assert load(name).ports == ports


def test_an_unknown_name_is_answered_with_the_known_ones() -> None:
    with pytest.raises(ConfigError, match=r"got 'tritan', allowed are fastapi, .*did you mean 'triton'"):
        load("tritan")


OWN = {"name": "mine", "title": "Mine", "protocols": ["rest-predict"], "formats": ["any"], "ports": {"http": 5000}}


def own(folder: Path, **changes: object) -> Path:
    path = folder / "mine.yaml"
    path.write_text(yaml.safe_dump(OWN | changes))
    return path


def test_a_file_of_ones_own_is_a_runtime_too_and_is_read_anew(tmp_path: Path) -> None:
    path = own(tmp_path)
    assert load(str(path)).ports == {"http": 5000}
    own(tmp_path, ports={"http": 5001})
    assert load(path).ports == {"http": 5001}


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"colour": "red"}, "colour: no such field; allowed: name, "),
        ({"ports": {"http": 80, "grpc": 80}}, "two ports have one number"),
        ({"ports": {"http": 0}}, "ports.http: got 0, input should be greater than or equal to 1"),
        ({"ports": {"https": 443}}, "ports.https.*'http', 'grpc', 'metrics' or 'management'"),
        ({"protocols": ["rest-predict", "rest-predict"]}, "protocols names one twice"),
        ({"protocols": []}, "protocols: tuple should have at least 1 item"),
        ({"metrics": {"path": "/metrics", "port": "metrics"}}, r"on the port 'metrics', ports has \['http'\]; add it"),
        ({"metrics": {"path": "metrics", "port": "http"}}, "metrics.path"),
        ({"implementations": {"mlflow": "x.Y"}}, "implementations has mlflow, which formats lacks"),
        ({"process": {"command": ["run", "{prot}"]}}, r"{prot} is no placeholder.*did you mean 'port'"),
        ({"model_path": "/models/{nam}"}, "{nam} is no placeholder"),
        ({"sources": {"port": ["https://example.com"]}}, "sources has port, which are no fields"),
        ({"sources": {"ports": ["a friend"]}}, "sources.ports.0"),
        ({"image": {"repository": "a/b", "tags": {}}}, "image.tags"),
    ],
)
def test_what_is_wrong_in_it_is_said_with_its_field(tmp_path: Path, changes: dict[str, object], message: str) -> None:
    with pytest.raises(ConfigError, match=f"(?s)mine.yaml: 1 fault.*{message}"):
        load(own(tmp_path, **changes))


@pytest.mark.parametrize("content", [b"a: [1", b"\xff\xfe\x00", b"- a list", b""])
def test_what_is_no_runtime_at_all_is_refused(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "mine.yml"
    path.write_bytes(content)
    with pytest.raises(ConfigError, match=r"mine\.yml"):
        load(path)


def test_a_file_that_is_not_there_is_said_so(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match=r"cannot read .*none\.yaml: No such file.*or one of fastapi"):
        load(tmp_path / "none.yaml")


@STEADY
@given(st.dictionaries(st.sampled_from(sorted(PLACEHOLDERS)), st.text(), min_size=len(PLACEHOLDERS)))
def test_a_value_stays_one_argument_whatever_it_holds(values: dict[str, str]) -> None:
    texts = [f"--{word}={{{word}}}" for word in PLACEHOLDERS]
    assert fill(texts, values) == tuple(f"--{word}={values[word]}" for word in PLACEHOLDERS)


def test_a_word_without_a_value_is_asked_for() -> None:
    with pytest.raises(ConfigError, match=r"(?s)2 faults.*grpc_port.*asks for {grpc_port}, given are name.*port"):
        fill(["{name}", "{port}", "{grpc_port}"], {"name": "iris"})


def test_the_server_of_this_library_understands_its_own_command(tmp_path: Path) -> None:
    runtime = load("serving")
    assert runtime.process is not None
    assert runtime.process == runtime.container
    values: dict[str, str | int] = {
        "model": str(tmp_path), "name": "iris", "version": "1.0.0", "host": "127.0.0.1", "port": 8123,
        "threads": 3, "memory_mib": 768, "drain_seconds": 60,
    }  # fmt: skip
    python, dash_m, module, *options = fill(runtime.process.command, values)
    assert (python, dash_m, module) == ("python", "-m", "modelberth.serving")
    assert runtime.process.label_option is not None
    assert parse([*options, runtime.process.label_option, "owner=search", "service=iris"]) == Settings(
        model=tmp_path, name="iris", version="1.0.0", host="127.0.0.1", port=8123,
        threads=3, memory_limit_mib=768, drain_seconds=60, log_labels={"owner": "search", "service": "iris"},
    )  # fmt: skip
    assert Settings(tmp_path, "iris", "1.0.0").port == runtime.ports["http"]


def test_the_server_of_this_library_answers_where_it_is_said_to() -> None:
    runtime = load("serving")
    assert runtime.health is not None
    assert runtime.metrics is not None
    app = build(Mock(spec=Serving))
    paths = {route.path for route in app.routes if isinstance(route, Route)}
    assert {runtime.health.live, runtime.health.ready, runtime.metrics.path} <= paths


def test_public_names_are_there() -> None:
    assert all(getattr(runtimes, name) is not None for name in runtimes.__all__)


def test_no_provider_sdk_is_imported_and_the_files_are_found_from_anywhere(tmp_path: Path) -> None:
    code = (
        "import sys; from modelberth.runtimes import load, names; [load(name) for name in names()]; "
        "sdks = ('pulumi_', 'boto', 'google.cloud', 'azure', 'mlflow'); "
        "print([name for name in sys.modules if name.startswith(sdks)])"
    )
    environment = {"PYTHONPATH": str(ROOT / "components"), "PATH": ""}
    ran = subprocess.run([sys.executable, "-c", code], cwd=tmp_path, env=environment, capture_output=True, text=True)
    assert (ran.returncode, ran.stdout.strip()) == (0, "[]"), ran.stderr


def test_it_is_a_frozen_model() -> None:
    with pytest.raises(ValueError, match="frozen"):
        load("triton").title = "other"  # pyright: ignore[reportAttributeAccessIssue]
