"""Whatever stands in the inputs, the estimate neither raises nor prices what it does not understand as nothing."""

import math

from bill_plans import made, plan_of
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from modelberth_policies.bill import estimate
from modelberth_policies.bill.aws import METERS
from modelberth_policies.resources import MISSING, UNKNOWN, Partial, Secret

WORDS = st.sampled_from(
    [
        "instanceType",
        "initialInstanceCount",
        "productionVariants",
        "serverlessConfig",
        "maxConcurrency",
        "memorySizeInMb",
        "scalingConfig",
        "minSize",
        "maxSize",
        "desiredCount",
        "launchType",
        "cpu",
        "memory",
        "size",
        "type",
        "rules",
        "subnetIds",
        "vpcEndpointType",
        "retentionInDays",
        "period",
        "metricQueries",
        "nodeType",
        "engine",
        "numCacheNodes",
        "deploymentConfig",
        "blueGreenUpdatePolicy",
        "minCapacity",
        "maxCapacity",
        "resourceId",
        "scalableDimension",
        "typeName",
        "desiredState",
        "monitoringScheduleConfig",
        "scheduleConfig",
        "scheduleExpression",
        "version",
        "tags",
        "instanceTypes",
        "architectures",
        "reservedConcurrentExecutions",
        "ephemeralStorage",
        "loadBalancerType",
        "protocolType",
    ]
)
LEAF = (
    st.none()
    | st.booleans()
    | st.integers(-5, 10**6)
    | st.floats(allow_nan=True)
    | st.text(max_size=8)
    | st.sampled_from(
        [UNKNOWN, MISSING, Secret("hidden"), Secret(UNKNOWN), Partial("a"), "FARGATE", "Interface", "ml.m5.large"]
    )
)
ANYTHING = st.recursive(
    LEAF,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(WORDS | st.just("type"), inner, max_size=4),
    max_leaves=12,
)


@settings(max_examples=300, suppress_health_check=[HealthCheck.too_slow])
@given(st.sampled_from(sorted(METERS)), st.dictionaries(WORDS, ANYTHING, max_size=6))
def test_no_value_breaks_the_bill(type_, inputs):
    resource = made(type_, "it", **inputs)
    bill = estimate(plan_of(resource))
    assert not any(math.isnan(part) for part in bill.total.triple)
    assert "hidden" not in repr([bill.lines, bill.unpriced, bill.rollouts])
    assert any(found.urn == resource.urn for group in (bill.lines, bill.unpriced, bill.free) for found in group)
