"""`modelberth explain`: who may do what, what is open, what it costs, as far as it is known before anything is made."""

import json

import pytest

from modelberth_policies.bill import estimate
from modelberth_policies.configuration import ConfigurationError
from modelberth_policies.explain import explained
from modelberth_policies.limits import Limits
from modelberth_policies.resources import GAP, UNKNOWN, Partial, Plan, Resource, urn_of
from modelberth_policies.rules.own import load_rules

TRUST = {
    "Statement": [{"Effect": "Allow", "Principal": {"Service": "sagemaker.amazonaws.com"}, "Action": "sts:AssumeRole"}]
}
READ = {"Statement": [{"Effect": "Allow", "Action": ["s3:GetObject"], "Resource": f"{GAP}/ranker/*"}]}


def made(type_, name, inputs, parent="", custom=True, refers=()):
    return Resource(
        urn_of("acme", "prod", parent, type_, name),
        type_,
        name,
        parent=parent or urn_of("acme", "prod", "", "pulumi:pulumi:Stack", "acme-prod"),
        custom=custom,
        inputs=inputs,
        property_dependencies={key: (urn,) for key, urn in refers},
    )


SERVICE = made("modelberth:index:RealtimeEndpoint", "ranker", {}, custom=False)
ROLE = made("aws:iam/role:Role", "ranker-role", {"assumeRolePolicy": json.dumps(TRUST)}, SERVICE.urn)
PLAN = Plan(
    "acme",
    "prod",
    (
        SERVICE,
        ROLE,
        made(
            "aws:iam/rolePolicy:RolePolicy",
            "ranker-role",
            {"role": UNKNOWN, "policy": Partial(json.dumps(READ, ensure_ascii=False))},
            ROLE.urn,
            refers=[("role", ROLE.urn)],
        ),
        made(
            "aws:iam/rolePolicyAttachment:RolePolicyAttachment",
            "logs",
            {"role": UNKNOWN, "policyArn": UNKNOWN},
            refers=[("role", ROLE.urn)],
        ),
        made(
            "aws:vpc/securityGroupIngressRule:SecurityGroupIngressRule",
            "callers",
            {"fromPort": 443, "toPort": 443, "ipProtocol": "tcp", "cidrIpv4": "10.0.0.0/16"},
        ),
        made("aws:lb/loadBalancer:LoadBalancer", "front", {}),
        made("aws:kms/key:Key", "key", {}),
    ),
    default_providers={"aws": {"region": "us-east-1"}},
)


def test_the_four_sections():
    text = explained(PLAN, Limits(), estimate(PLAN))
    assert "  modelberth:index:RealtimeEndpoint ranker\n    aws:iam/role:Role ranker-role\n" in text
    assert "  ranker-role, for sagemaker.amazonaws.com\n    s3:GetObject on …/ranker/*\n" in text
    assert "    the managed policy known once it is made\n" in text
    assert "  callers: ports 443 to 443 from '10.0.0.0/16'\n" in text
    assert "  front: load balancer on the internet\n" in text
    assert "  key: 1.07 to 1.15 to 1.30\n" in text
    assert "  total: " in text


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ("RULES = 3", "has no RULES = (…)"),
        ("x = 3", "has no RULES = (…)"),
        ("RULES = ('kms-rotation',)", "has no RULES = (…)"),
        ("1 / 0", "ZeroDivisionError: division by zero"),
    ],
)
def test_a_file_of_rules_that_cannot_be_used(tmp_path, content, message):
    file = tmp_path / "rules.py"
    file.write_text(content)
    with pytest.raises(ConfigurationError) as error:
        load_rules(file)
    assert f"--rules {file}: {message}" in str(error.value)
