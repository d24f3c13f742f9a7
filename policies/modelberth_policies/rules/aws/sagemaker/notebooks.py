"""Notebooks: they do not belong beside what serves, and are closed where they are alone."""

from collections.abc import Iterator

from modelberth_policies.rule import Category, Severity, graph_rule
from modelberth_policies.rules.aws.sagemaker.hosting import CONFIGURATION, ENDPOINT, MODEL
from modelberth_policies.subject import Stack, Subject

NOTEBOOK = "aws:sagemaker/notebookInstance:NotebookInstance"
_OPEN = {"directInternetAccess": "reaches the internet", "rootAccess": "gives its users root"}
"""Setting → what it means where it is not `Disabled`, which is not the default."""


@graph_rule(
    "sagemaker-no-notebooks",
    Severity.LOW,
    Category.GOVERNANCE,
    NOTEBOOK,
    frameworks=("FSBP SageMaker.1", "FSBP SageMaker.2", "FSBP SageMaker.3"),
    anchors=("FSBP:SageMaker.1", "FSBP:SageMaker.2", "FSBP:SageMaker.3", "CKV_AWS_122", "CKV_AWS_306", "CKV_AWS_307"),
    why="A notebook is a person's computer with a role: beside what serves it is a way in.",
    fix="Move it to a stack of its own, in a subnet_id, with direct_internet_access and root_access Disabled.",
)
def sagemaker_no_notebooks(notebook: Subject, stack: Stack) -> Iterator[str]:
    if stack.of_type(ENDPOINT, CONFIGURATION, MODEL):
        yield "is a notebook in a stack that serves models"
        return
    for setting, meaning in _OPEN.items():
        if notebook.value(setting) != "Disabled":
            yield f"{meaning} ({setting} is {notebook.show(setting)})"
    if not notebook.present("subnetId"):
        yield "stands outside every VPC (subnetId is unset)"


RULES = (sagemaker_no_notebooks,)
