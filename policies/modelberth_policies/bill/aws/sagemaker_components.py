"""What Cloud Control makes of SageMaker. An inference component runs on its endpoint's fleet, which bears the cost."""

from collections.abc import Iterator

from modelberth_policies.bill.aws.endpoint_configuration import CONFIGURATION_TYPE
from modelberth_policies.bill.aws.sagemaker_jobs import DEFINITION_TYPES
from modelberth_policies.bill.item import Entry, Item

NOTHING = {
    CONFIGURATION_TYPE: "the endpoint that uses it bears the cost",
    "AWS::SageMaker::InferenceComponent": "its copies run on the endpoint's instances, which are billed there",
    "AWS::SageMaker::Model": "a model costs nothing until something runs it",
    **dict.fromkeys(DEFINITION_TYPES, "its schedule bears the cost of the jobs"),
}


def cloud_control(item: Item) -> Iterator[Entry]:
    """A resource of any CloudFormation type."""
    type_name = item.text("typeName")
    if type_name in NOTHING:
        yield item.free(NOTHING[type_name])
    else:
        yield item.unpriced(f"the bill does not know {type_name} of Cloud Control")
