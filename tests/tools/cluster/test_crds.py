"""Definitions of add-ons: all established, strict, and the samples of the main ones admitted."""

import json

import pytest

from cluster import crds
from cluster.admission import strictly_admitted
from engine.build import BuildError

from .addon_samples import SAMPLES
from .manifests import container, custom

ROWS = [pytest.param(name, *row, id=f"{name}-{row[1]}") for name, rows in SAMPLES.items() for row in rows]


@pytest.mark.server
@pytest.mark.parametrize("name", crds.ADDONS)
def test_every_definition_of_an_addon_is_established(addons, api, name):
    names = addons(name)
    assert names
    assert [each for each in names if not crds.established(api.get(*crds.KIND, each))] == []


@pytest.mark.server
@pytest.mark.parametrize(("name", "version", "kind", "spec"), ROWS)
def test_a_sample_is_admitted_and_a_misspelt_one_is_not(addons, api, namespace, name, version, kind, spec):
    addons(name)
    sample = custom(version, kind, namespace, spec)
    assert strictly_admitted(api, [sample]) == []
    first = next(iter(spec))
    misspelt = {word: value for word, value in spec.items() if word != first} | {f"{first}x": spec[first]}
    [refusal] = strictly_admitted(api, [sample | {"spec": misspelt}])
    assert refusal.status in (400, 422)
    assert f'"spec.{first}x"' in refusal.message or "Required value" in refusal.message


SELDON = "machinelearning.seldon.io/v1"


@pytest.mark.server
@pytest.mark.parametrize(
    ("predictor", "message"),
    [
        ({"graph": {"name": "a", "children": [{"name": "b", "modelUrl": "x"}]}}, "graph.children[0].modelUrl"),
        (
            {"componentSpecs": [{"spec": {"containers": [container(imagx="1")]}}]},
            "containers[0].imagx",
        ),
        ({"explainer": {"typ": "AnchorTabular"}}, "explainer.typ"),
        ({"traffic": 101}, "less than or equal to 100"),
    ],
)
def test_seldons_definitions_refuse_what_is_misspelt_deep_inside(addons, api, namespace, predictor, message):
    addons("seldon")
    whole = {"name": "main", "graph": {"name": "a", "type": "MODEL"}} | predictor
    [refusal] = strictly_admitted(api, [custom(SELDON, "SeldonDeployment", namespace, {"predictors": [whole]})])
    assert message in refusal.message


@pytest.mark.server
def test_installing_twice_changes_nothing(addons, api):
    names = addons("lws")
    before = [api.get(*crds.KIND, name)["metadata"]["resourceVersion"] for name in names]
    assert crds.install(api, "lws") == names
    assert [api.get(*crds.KIND, name)["metadata"]["resourceVersion"] for name in names] == before


def test_an_unknown_addon_is_refused_with_the_known_ones():
    with pytest.raises(BuildError, match="no add-on 'kserv'; there are kserve, gateway-api"):
        crds.definitions("kserv")


def test_contents_with_another_checksum_are_refused(monkeypatch, tmp_path):
    monkeypatch.setenv("MODELBERTH_CACHE", str(tmp_path))
    changed = crds.LISTED["lws"] | {"sum": "h1:AAAA"}
    monkeypatch.setitem(crds.LISTED, "lws", changed)
    with pytest.raises(BuildError, match=r"lws@v0.7.0 has the checksum h1:.*, wanted is h1:AAAA"):
        crds.definitions("lws")
    assert list(tmp_path.rglob("crds.json")) == []


def test_a_schema_loses_its_descriptions_and_keeps_a_property_of_that_name():
    text = {"type": "string", "description": "words"}
    schema = {
        "type": "object",
        "description": "words",
        "properties": {"description": text, "list": {"type": "array", "items": text}},
        "additionalProperties": True,
        "anyOf": [text],
    }
    assert crds.bare(schema) == {
        "type": "object",
        "properties": {"description": {"type": "string"}, "list": {"type": "array", "items": {"type": "string"}}},
        "additionalProperties": True,
        "anyOf": [{"type": "string"}],
    }


def test_a_bare_equals_sign_is_text(tmp_path):
    path = tmp_path / "crd.yaml"
    path.write_text("kind: CustomResourceDefinition\nenum: [=, '!=']\n---\nkind: ConfigMap\n---\n")
    assert crds.read([path]) == [{"kind": "CustomResourceDefinition", "enum": ["=", "!="]}]


def test_the_list_names_every_module_with_its_checksum():
    assert len(crds.LISTED) == 17
    for name, row in crds.LISTED.items():
        assert sorted(row) == ["module", "paths", "sum", "version"], name
        assert row["sum"].startswith("h1:")
    assert "://" not in json.dumps(crds.LISTED)
