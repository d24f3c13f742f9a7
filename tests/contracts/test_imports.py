"""Promises about every module: light to import, documented, annotated, small, named for what it holds."""

import ast
import importlib
import inspect
import pkgutil
import statistics
import subprocess
import sys
import tomllib
from functools import cache
from pathlib import Path

import pytest
from pydantic import BaseModel

ROOT = Path(__file__).parents[2]
SOURCES = (ROOT / "components" / "modelberth", ROOT / "policies" / "modelberth_policies")
FILES = sorted(
    path
    for folder in (*SOURCES, ROOT / "stacks", ROOT / "tools")
    for path in folder.rglob("*.py")
    if not any(part.startswith(".") or part == "__pycache__" for part in path.relative_to(ROOT).parts)
)
PROVIDERS = ("pulumi_aws", "pulumi_gcp", "pulumi_azure_native", "pulumi_kubernetes")
HEAVY = (
    *PROVIDERS,
    "boto3",
    "botocore",
    "mlflow",
    "pandas",
    "numpy",
    "sklearn",
    "fastapi",
    "psutil",
    "cryptography",
    "grpc_tools",
)

EXTRAS = {
    "serving": (
        "alembic fastapi httptools mlflow pandas prometheus_client sklearn skops sqlalchemy structlog uvicorn"
        + (" uvloop" if sys.platform != "win32" else "")
        + " modelberth.serving.server"
    ),
    "aws": "boto3 pulumi_aws modelberth.aws.foundation modelberth.aws.sagemaker.realtime.portable",
    "kubernetes": "grafana_foundation_sdk kubernetes pulumi_kubernetes modelberth.kubernetes.foundation"
    " modelberth.kubernetes.deployment.portable",
    "local": "cryptography psutil supervisor modelberth.local.portable modelberth.local.gateway.gateway",
}
"""Extra to the modules that it must make importable."""

LINES_OF_A_FILE, LINES_OF_A_FUNCTION, LINES_OF_A_MEDIAN_FUNCTION = 250, 50, 12
VAGUE_NAMES = {"utils", "util", "helpers", "helper", "common", "base", "manager", "misc"}


def modules():
    for folder in SOURCES:
        yield folder.name
        for found in pkgutil.walk_packages([str(folder)], f"{folder.name}."):
            if not found.name.endswith("__main__"):
                yield found.name


MODULES = sorted(modules())
KINDS = [
    name
    for name in MODULES
    if name.startswith("modelberth.aws.sagemaker.") and (ROOT / "components" / Path(*name.split("."))).is_dir()
]
LAZY = ["modelberth.aws", "modelberth.aws.api_gateway", "modelberth.aws.sagemaker", *KINDS]
"""Packages whose public names are imported when they are asked for."""


def run(code):
    environment = {"PYTHONPATH": f"{ROOT / 'components'}:{ROOT / 'policies'}", "PATH": "/usr/bin:/bin"}
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, env=environment, timeout=60)
    assert done.returncode == 0, done.stderr
    return done.stdout.strip()


def loaded_by(*names):
    return set(run(f"import {', '.join(names)}; import sys; print(*sys.modules)").split())


def parsed(path):
    return ast.parse(path.read_text(encoding="utf-8"))


def functions(tree):
    return [node for node in ast.walk(tree) if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)]


def length(node):
    return (node.end_lineno or node.lineno) - node.lineno + 1


def own_public(module):
    """The public classes and functions that a module defines."""
    for name, value in vars(module).items():
        own = not name.startswith("_") and getattr(value, "__module__", None) == module.__name__
        if own and (inspect.isclass(value) or inspect.isfunction(value)):
            yield value


def own_methods(value):
    """The public methods of a class, properties and class methods included."""
    for name, member in vars(value).items():
        inner = getattr(member, "fget", None) or getattr(member, "__func__", member)
        if inspect.isfunction(inner) and not name.startswith("_") and not inner.__name__.startswith("_"):
            yield inner


def test_the_package_itself_imports_next_to_nothing():
    assert {name for name in loaded_by("modelberth") if name.startswith("modelberth")} == {"modelberth"}
    assert "pulumi" not in loaded_by("modelberth")


@pytest.mark.parametrize("name", [name for name in MODULES if name.startswith("modelberth.aws")])
def test_a_module_of_a_cloud_asks_nothing_of_it_when_it_is_imported(name):
    assert {module.partition(".")[0] for module in loaded_once(name)} & {"boto3", "botocore"} == set()


@cache
def loaded_by_all_of_aws():
    """What is loaded once every module of the cloud is; where that is clean, each of them is."""
    return loaded_by(*(name for name in MODULES if name.startswith("modelberth.aws")))


def loaded_once(name):
    return loaded_by_all_of_aws() if "botocore" not in loaded_by_all_of_aws() else loaded_by(name)


@pytest.mark.parametrize("name", LAZY)
def test_a_package_of_a_cloud_imports_next_to_nothing(name):
    loaded = {module for module in loaded_by(name) if module.startswith(("modelberth", "pulumi"))}
    parents = {".".join(name.split(".")[: count + 1]) for count in range(name.count(".") + 1)}
    assert loaded == {*parents, "modelberth.core", "modelberth.core.lazy"}


@pytest.mark.parametrize("name", LAZY)
def test_the_public_names_of_a_package_are_sorted_and_each_is_there_for_reader_and_type_checker(name):
    package = importlib.import_module(name)
    public = package.__all__
    assert public == sorted(public, key=lambda word: (word[0].islower(), word))
    for word in public:
        assert getattr(package, word).__name__ == word
    imported = parsed(Path(package.__file__))
    checked = [alias.name for node in ast.walk(imported) if isinstance(node, ast.ImportFrom) for alias in node.names]
    assert sorted(set(checked) - {"TYPE_CHECKING", "lazily"}) == sorted(public)
    with pytest.raises(AttributeError, match=f"module '{name}' has no attribute 'Nothing'"):
        _ = package.Nothing


@pytest.mark.parametrize("kind", sorted(KINDS))
def test_every_component_of_a_kind_can_be_had_from_its_product(kind):
    product = importlib.import_module(kind.rpartition(".")[0])
    public = importlib.import_module(kind).__all__
    assert public
    assert {word: getattr(product, word) for word in public} == {
        word: getattr(importlib.import_module(kind), word) for word in public
    }


@pytest.mark.parametrize(
    "name",
    ["modelberth.core.service", "modelberth.core.component", "modelberth.stack.compose", "modelberth.models.pins"],
)
def test_core_models_and_stack_import_no_provider_and_nothing_heavy(name):
    beyond = loaded_by(name) - loaded_by("pulumi", "pulumi.dynamic", "pydantic", "yaml")
    assert {module.partition(".")[0] for module in beyond} & set(HEAVY) == set()


def test_the_policies_stand_alone_and_their_resources_on_the_standard_library():
    loaded = loaded_by("modelberth_policies.resources")
    outside = {name.partition(".")[0] for name in loaded} - set(sys.stdlib_module_names) - {"__main__"}
    assert {name for name in outside if not name.startswith(("_", "sitecustomize"))} == {"modelberth_policies"}
    assert "modelberth" not in loaded_by("modelberth_policies.sources.program")


def test_importing_the_stack_costs_little_beyond_pulumi_and_pydantic():
    code = (
        "import time, pulumi, pulumi.dynamic, pydantic, yaml; began = time.process_time(); import modelberth{}; "
        "print(time.process_time() - began)"
    )
    package, stack = (min(float(run(code.format(what))) * 1000 for _ in range(3)) for what in ("", ".stack.compose"))
    print(
        f"\nimport modelberth: {package:.1f} ms; modelberth.stack.compose: {stack:.0f} ms, beyond pulumi and pydantic"
    )
    assert package < 50
    # Processor time, and generous: other people's work may slow the machine. Building the models is most of it.
    assert stack < 1500


@pytest.mark.parametrize("name", MODULES)
def test_every_public_name_is_documented(name):
    module = importlib.import_module(name)
    missing = [] if (module.__doc__ or "").strip() else [name]
    for value in own_public(module):
        wanted = [value, *(own_methods(value) if inspect.isclass(value) else ())]
        missing += [f"{name}.{item.__qualname__}" for item in wanted if not described(item)]
        if inspect.isclass(value) and issubclass(value, BaseModel):
            own = [field for field in value.model_fields if field in vars(value).get("__annotations__", {})]
            missing += [
                f"{name}.{value.__name__}.{field}" for field in own if not value.model_fields[field].description
            ]
    assert missing == []


def described(value):
    text = vars(value).get("__doc__") if inspect.isclass(value) else value.__doc__
    # A method that a base class describes needs no second description.
    return bool((text or (inspect.getdoc(value) if inspect.isfunction(value) else "") or "").strip())


@pytest.mark.parametrize("path", FILES, ids=lambda path: str(path.relative_to(ROOT)))
def test_every_argument_and_public_result_is_annotated(path):
    missing = []
    for function in functions(parsed(path)):
        given = function.args
        named = [*given.posonlyargs, *given.args, *given.kwonlyargs, *filter(None, (given.vararg, given.kwarg))]
        bare = [item.arg for item in named if item.annotation is None and item.arg not in ("self", "cls")]
        missing += [f"{function.name}({name})" for name in bare]
        public = not function.name.startswith("_") or function.name.endswith("__")
        missing += [f"{function.name} ->"] if public and function.returns is None else []
    assert missing == []


@pytest.mark.parametrize("path", FILES, ids=lambda path: str(path.relative_to(ROOT)))
def test_a_file_is_small_and_so_are_its_functions(path):
    lines = len(path.read_text(encoding="utf-8").splitlines())
    assert lines <= LINES_OF_A_FILE
    long = {f.name: length(f) for f in functions(parsed(path)) if length(f) > LINES_OF_A_FUNCTION}
    assert long == {}


def test_the_middle_function_is_short():
    lengths = [length(function) for path in FILES for function in functions(parsed(path))]
    print(f"\n{len(lengths)} functions, median {statistics.median(lengths):g} lines, longest {max(lengths)}")
    assert len(lengths) > 100
    assert statistics.median(lengths) <= LINES_OF_A_MEDIAN_FUNCTION


def test_no_file_has_a_vague_name():
    parts = {part for path in FILES for part in (*path.relative_to(ROOT).parts[:-1], path.stem)}
    assert parts & VAGUE_NAMES == set()


def test_every_extra_is_in_the_table():
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    assert project["optional-dependencies"].keys() == EXTRAS.keys()


@pytest.mark.parametrize("name", [name for extra in EXTRAS.values() for name in extra.split()])
def test_what_an_extra_brings_can_be_imported(name):
    assert importlib.import_module(name).__name__ == name
