"""A JSON document of which a part is unknown keeps its other parts, and nothing is computed from it."""

import json

from modelberth_policies.limits import Limits
from modelberth_policies.resources import GAP, MISSING, UNKNOWN, Partial, Secret
from modelberth_policies.sources.program import plan
from modelberth_policies.subject import Subject

PROGRAM = """
import pulumi

class Thing(pulumi.CustomResource):
    def __init__(self, name, props):
        super().__init__("test:index:Thing", name, {**props, "arn": None})

key = Thing("key", {})
known = pulumi.Output.json_dumps({"b": [pulumi.Output.from_input(1)], "a": 2}, sort_keys=True)
document = pulumi.Output.json_dumps({"Action": "kms:Decrypt", "Resource": [key.arn, "b"]})
secret = pulumi.Output.json_dumps({"password": pulumi.Output.secret("hunter2"), "key": key.arn})

def never(text):
    raise ValueError(text)

Thing("user", {
    "known": known, "policy": document, "secret": secret, "computed": document.apply(never),
    "nested": {"list": [document]},
})
"""


def test_a_document_is_known_in_parts(tmp_path):
    (tmp_path / "Pulumi.yaml").write_text("name: documents\nruntime: python\n")
    (tmp_path / "__main__.py").write_text(PROGRAM)
    user = plan(tmp_path, "dev")["test:index:Thing::user"]
    assert user.inputs["known"] == '{"a": 2, "b": [1]}'
    assert user.inputs["computed"] is UNKNOWN
    assert isinstance(user.inputs["policy"], Partial)
    assert user.inputs["nested"] == {"list": [user.inputs["policy"]]}
    assert json.loads(user.inputs["policy"].text) == {"Action": "kms:Decrypt", "Resource": [GAP, "b"]}
    assert user.get("policy") is UNKNOWN
    assert Subject(user, Limits()).document("policy").value("Action") == "kms:Decrypt"
    assert isinstance(user.inputs["secret"], Secret)
    assert "hunter2" not in repr(user)
    assert user.property_dependencies["policy"] == ("urn:pulumi:dev::documents::test:index:Thing::key",)


def test_the_short_cuts_are_taken(tmp_path):
    (tmp_path / "Pulumi.yaml").write_text("name: short\nruntime: python\n")
    (tmp_path / "__main__.py").write_text("import pulumi\npulumi.export('debug', pulumi.log.debug.__module__)\n")
    assert plan(tmp_path, "dev").outputs["debug"] == "modelberth_policies.sources.within_pulumi"


def test_a_kubernetes_object_without_a_name_gets_one_later(tmp_path):
    (tmp_path / "Pulumi.yaml").write_text("name: names\nruntime: python\n")
    (tmp_path / "__main__.py").write_text(
        "import pulumi_kubernetes as k\n"
        "space = k.core.v1.Namespace('space')\n"
        "k.core.v1.ConfigMap('map', metadata={'namespace': space.metadata['name']})\n"
    )
    found = plan(tmp_path, "dev")
    assert found["kubernetes:core/v1:Namespace::space"].get("metadata.name") is MISSING
    assert found["kubernetes:core/v1:ConfigMap::map"].get("metadata.namespace") is UNKNOWN
