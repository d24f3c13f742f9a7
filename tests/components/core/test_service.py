"""A `Service` as a team writes it: every field parses, and what is left out has the documented value."""

import pytest
import yaml
from pydantic import BaseModel

from modelberth.core.errors import ConfigError
from modelberth.core.service import Service
from modelberth.stack.files import read_yaml

DIGEST = "sha256:" + "5" * 64
WRITTEN = f"""
ranker:
  on: aws:sagemaker/realtime
  model: {{uri: "models:/ranker/1.4.0", digest: "{DIGEST}"}}
  runtime: serving
  size: {{cpu: 2, memory_gib: 8, gpu: {{type: l4, count: 1}}}}
  scale: {{min: 2, max: 8, on: {{concurrency: 4}}, schedule: []}}
  rollout: {{canary: {{steps: [10, 50], bake: 10m}}, gates: [{{error_rate: {{below: 1%}}}}, {{p95: {{below: 200ms}}}}]}}
  access: {{keys: [web, batch], jwt: null, rate: {{per_key: 100/s, burst: 200}}, public: null}}
  slo: {{p95: 200ms, availability: 99.9%}}
  data: {{classification: internal, residency: eu, capture: null, retention: 30d}}
  native: {{}}
"""
MINIMAL = {"on": "local", "model": {"uri": "models:/ranker/1.4.0"}}


@pytest.fixture
def service(tmp_path):
    file = tmp_path / "Pulumi.dev.yaml"
    file.write_text(WRITTEN)
    return Service.parse(read_yaml(file)["ranker"], "services.ranker", file.name)


def test_the_file_names_every_field():
    assert yaml.load(WRITTEN, Loader=yaml.BaseLoader)["ranker"].keys() == Service.model_fields.keys()


def test_every_field_arrives_in_its_unit(service):
    assert service.model_dump(exclude_unset=True, exclude_none=True) == {
        "on": "aws:sagemaker/realtime",
        "model": {"uri": "models:/ranker/1.4.0", "digest": DIGEST},
        "runtime": "serving",
        "size": {"cpu": 2, "memory_gib": 8, "gpu": {"type": "l4", "count": 1}},
        "scale": {"min": 2, "max": 8, "on": {"concurrency": 4}, "schedule": ()},
        "rollout": {
            "canary": {"steps": (10, 50), "bake": 600},
            "gates": ({"error_rate": {"below": 0.01}}, {"p95": {"below": 0.2}}),
        },
        "access": {"keys": ("web", "batch"), "rate": {"per_key": 100, "burst": 200}},
        "slo": {"p95": 0.2, "availability": 0.9990000000000001},
        "data": {"classification": "internal", "residency": "eu", "retention": 2592000},
        "native": {},
    }


def test_two_lines_are_enough():
    assert Service.parse(MINIMAL).model_dump(exclude_none=True) == {
        **MINIMAL,
        "runtime": "serving",
        "size": {"cpu": 1, "memory_gib": 2},
        "scale": {"min": 1, "max": 1, "schedule": ()},
        "rollout": {"gates": ()},
        "access": {"keys": ()},
        "data": {"classification": "internal"},
        "native": {},
    }


@pytest.mark.parametrize(
    ("field", "value", "message"),
    [
        ("on", None, "on: input should be a valid string"),
        ("model", "models:/ranker/1.4.0", "model: input should be a valid dictionary or instance of Model"),
        ("size", {"cpu": 0}, "size.cpu: got 0, input should be greater than 0"),
        ("size", {"gpu": {"count": 1}}, "size.gpu.type: field required"),
        (
            "size",
            {"gpu": {"type": "l4", "count": 0}},
            "size.gpu.count: got 0, input should be greater than or equal to 1",
        ),
        ("scale", {"max": 0}, "scale.max: got 0, input should be greater than or equal to 1"),
        ("scale", {"schedule": [{"cron": "0 6 * * *", "min": 1}]}, "scale.schedule.0.max: field required"),
        (
            "scale",
            {"on": {}},
            "scale.on: got no signal; one of concurrency, requests_per_second, cpu is needed",
        ),
        (
            "scale",
            {"on": {"concurrency": 4, "cpu": "70%"}},
            "scale.on: got concurrency and cpu; one of concurrency, requests_per_second, cpu is needed",
        ),
        (
            "access",
            {"keys": ["Web"]},
            "access.keys.0: got 3 characters that are no name; write lower-case letters, digits and single hyphens, "
            "a letter first, 40 characters at most",
        ),
        (
            "access",
            {"jwt": {"issuer": "i", "audiences": [], "jwks": "f"}},
            "access.jwt.audiences: tuple should have at least 1 item after validation, not 0",
        ),
        (
            "access",
            {"public": {"reason": "demo", "auth": "keys", "rate_limit": "1/s"}},
            "access.public.reason: string should have at least 10 characters",
        ),
        (
            "access",
            {"public": {"reason": "because of the fair", "rate_limit": "1/s"}},
            "access.public.auth: field required",
        ),
        ("slo", {"availability": 99.9}, "slo.availability: got 99.9, input should be less than or equal to 1"),
        ("data", {"capture": {"sample": "1%"}}, "data.capture.expires: field required"),
        ("native", [], "native: input should be a valid dictionary"),
        (
            "acces",
            {},
            "acces: no such field; allowed: on, model, runtime, size, scale, rollout, access, slo, data, native; "
            "did you mean 'access'?",
        ),
    ],
)
def test_refused(field, value, message):
    with pytest.raises(ConfigError) as error:
        Service.parse({**MINIMAL, field: value})
    assert str(error.value) == f"configuration: 1 fault\n  {message}"


@pytest.mark.parametrize(
    ("scale", "path"),
    [
        ({"min": 8, "max": 2}, "scale"),
        ({"schedule": [{"cron": "0 6 * * *", "min": 8, "max": 2}]}, "scale.schedule.0"),
    ],
)
def test_a_floor_above_the_ceiling_is_refused(scale, path):
    with pytest.raises(ConfigError) as error:
        Service.parse({**MINIMAL, "scale": scale})
    assert str(error.value) == f"configuration: 1 fault\n  {path}: min is 8, above max 2; raise max or lower min"


def test_no_value_object_of_a_service_has_methods_or_a_cloud_word(service):
    def objects(value):
        if isinstance(value, BaseModel):
            yield type(value)
            for _, inner in value:
                yield from objects(inner)
        elif isinstance(value, tuple):
            for inner in value:
                yield from objects(inner)

    for kind in set(objects(service)):
        public = [name for name, value in vars(kind).items() if callable(value) and not name.startswith("_")]
        assert public == [], f"{kind.__name__} has {public}"
        assert not {"arn", "vpc", "pod", "namespace", "subnet", "project"} & kind.model_fields.keys()
