"""`on:` to a module: every listed target loads and offers what a target must, and no other text reaches an import."""

import inspect

import pytest

from modelberth.core.errors import ModelberthError
from modelberth.stack import targets
from modelberth.stack.targets import TARGETS, Target, cloud_of, load, module_of


@pytest.mark.parametrize("on", TARGETS)
def test_a_listed_target_offers_what_a_target_must(on):
    found = load(on)
    for name in ("foundation", "translate", "create"):
        assert list(inspect.signature(getattr(found, name)).parameters) == [
            parameter for parameter in inspect.signature(getattr(Target, name)).parameters if parameter != "self"
        ]


@pytest.mark.parametrize(
    ("on", "module", "cloud"),
    [
        ("local", "modelberth.local.portable", "local"),
        ("kubernetes:kserve", "modelberth.kubernetes.kserve.portable", "kubernetes"),
        ("gcp:cloud-run", "modelberth.gcp.cloud_run.portable", "gcp"),
        ("aws:sagemaker/realtime", "modelberth.aws.sagemaker.realtime.portable", "aws"),
    ],
)
def test_the_path_follows_from_the_name(monkeypatch, on, module, cloud):
    monkeypatch.setattr(targets, "TARGETS", (on,))
    assert module_of(on) == module
    assert cloud_of(on) == cloud


@pytest.mark.parametrize(
    "on",
    ["", "Local", "locl", "local:", "local/", "local:x/y/z", "local.portable", "os", "../local", "local\n", "local "],
)
def test_any_other_text_is_refused_with_the_targets_there_are(on):
    with pytest.raises(ModelberthError) as error:
        load(on)
    assert str(error.value) == f"on: {on!r} is no target; there are: {', '.join(TARGETS)}"


def missing(monkeypatch, name):
    def fails(_module):
        raise ModuleNotFoundError(f"No module named {name!r}", name=name)

    monkeypatch.setattr(targets.importlib, "import_module", fails)


def test_a_target_whose_packages_are_missing_says_what_to_install(monkeypatch):
    missing(monkeypatch, "psutil")
    with pytest.raises(ModelberthError) as error:
        load("local")
    assert str(error.value) == "on: local: psutil is not installed; run pip install 'modelberth[local]'"


def test_a_mistake_of_our_own_is_not_called_a_missing_package(monkeypatch):
    missing(monkeypatch, "modelberth.local.nothing")
    with pytest.raises(ModuleNotFoundError):
        load("local")
