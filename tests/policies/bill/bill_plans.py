"""Small plans to price, and what became of them."""

from modelberth_policies.bill import Assumptions, Profile, estimate
from modelberth_policies.resources import UNKNOWN, Options, Plan, Resource, urn_of

PROJECT, STACK = "p", "prod"
PROVIDER = urn_of(PROJECT, STACK, "", "pulumi:providers:aws", "cloud")
CONFIGURATION = "aws:sagemaker/endpointConfiguration:EndpointConfiguration"
ENDPOINT = "aws:sagemaker/endpoint:Endpoint"
TARGET = "aws:appautoscaling/target:Target"


def urn(type_, name, parent=""):
    return urn_of(PROJECT, STACK, parent, type_, name)


def made(type_, name="it", depends=None, parent=None, /, **inputs):
    """A resource of the explicit provider; `depends`: input → URNs."""
    properties = {key: tuple(urns) for key, urns in (depends or {}).items()}
    return Resource(
        urn(type_, name),
        type_,
        name,
        parent,
        inputs=inputs,
        options=Options(provider=PROVIDER),
        property_dependencies=properties,
    )


def plan_of(*resources, region="us-east-1"):
    """These, and the provider that they use."""
    inputs = {} if region is None else {"region": region}
    return Plan(PROJECT, STACK, (Resource(PROVIDER, "pulumi:providers:aws", "cloud", inputs=inputs), *resources))


def bill_of(*resources, region="us-east-1", overrides=(), **values):
    """The bill of these resources; `values`: assumptions in place of those of prod."""
    base = Assumptions(**values)
    return estimate(plan_of(*resources, region=region), Profile("prod", base, tuple(overrides)))


def the_line(bill, what):
    """The one line of which `what` is a part."""
    [line] = [line for line in bill.lines if what in line.what]
    return line


def amount(bill, what):
    """What that line costs: low, expected, worst; in cents, as a reader sees it."""
    return tuple(round(part, 2) for part in the_line(bill, what).usd.triple)


def endpoint(*variants, name="ranker", shadows=(), **inputs):
    """An endpoint and its configuration, whose name nobody knows yet."""
    given = {"productionVariants": list(variants), "shadowProductionVariants": list(shadows)}
    configuration = made(CONFIGURATION, f"{name}-config", **given)
    depends = {"endpointConfigName": [configuration.urn]}
    return configuration, made(ENDPOINT, name, depends, name=name, endpointConfigName=UNKNOWN, **inputs)


def variant(kind="ml.m5.large", count=1, name="stable", **others):
    return {"variantName": name, "instanceType": kind, "initialInstanceCount": count, **others}


def target(least, most, resource_id="endpoint/ranker/variant/stable", **inputs):
    """An autoscaling target of an endpoint's variant."""
    given = {"minCapacity": least, "maxCapacity": most, "resourceId": resource_id}
    dimension = "sagemaker:variant:DesiredInstanceCount"
    return made(TARGET, "scaling", **{"scalableDimension": dimension, **given, **inputs})
