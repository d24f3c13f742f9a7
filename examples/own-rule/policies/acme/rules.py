"""Our house's rules: groups of models carry the name of the team that answers for them."""

from collections.abc import Iterator

from modelberth_policies.rule import Category, Severity, resource_rule
from modelberth_policies.subject import Subject


@resource_rule(
    "acme-group-names-its-team",
    Severity.HIGH,
    Category.GOVERNANCE,
    "aws:sagemaker/modelPackageGroup:ModelPackageGroup",
    why="At night nobody finds out whom to call for a group called Ranker.",
    fix="Begin the name with the team: model_package_group_name='team-a-ranker'.",
)
def group_names_its_team(group: Subject) -> Iterator[str]:
    if not group.text("modelPackageGroupName").startswith("team-"):
        yield f"is called {group.show('modelPackageGroupName')}, which names no team"


RULES = (group_names_its_team,)
