"""A budget per month, with alerts on what was spent and on what will be."""

from typing import Annotated, Any, Literal, Self

import pulumi
import pulumi_aws as aws
from pydantic import Field, model_validator

from modelberth.aws.identity import name_in_aws
from modelberth.aws.ids import EmailAddress, TopicArn
from modelberth.core.component import Component
from modelberth.core.config import Config, In
from modelberth.core.labels import Labels, render

# Sources: https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/aws-resource-budgets-budget.html,
# https://docs.aws.amazon.com/aws-cost-management/latest/APIReference/API_budgets_NotificationWithSubscribers.html
MOST_ALERTS, MOST_EMAILS = 5, 10

Percent = Annotated[int, Field(ge=1, le=1000)]
"""A share of the budget, in percent; above 100 is more than all of it."""

Counted = Literal["cost-centre", "environment", "owner", "service"]
"""A label that tells whose cost it is."""


class BudgetShape(Config):
    """How much may be spent, and when somebody hears of it."""

    limit_usd: Annotated[float, Field(ge=1, allow_inf_nan=False)]
    """US dollars per calendar month; cents are rounded."""

    spent: tuple[Percent, ...] = (50, 80, 100)
    """Alerts when this much of it is spent, in percent. Left out: 50, 80 and 100."""

    forecast: tuple[Percent, ...] = (100,)
    """Alerts when the month will end with this much, in percent. Left out: 100."""

    counted: Counted = "cost-centre"
    """The label that a cost must share with the budget. Left out: cost-centre. It counts nothing until it is activated
    as a cost allocation tag, in the account that pays: https://docs.aws.amazon.com/awsaccountbilling/latest/aboutv2/activating-tags.html"""

    @model_validator(mode="after")
    def _alerts(self) -> Self:
        for name, percents in (("spent", self.spent), ("forecast", self.forecast)):
            if list(percents) != sorted(set(percents)):
                raise ValueError(f"{name} is {list(percents)}; each must be above the one before it")
        count = len(self.spent) + len(self.forecast)
        if not 1 <= count <= MOST_ALERTS:
            raise ValueError(f"spent and forecast are {count} alerts together, allowed are 1 to {MOST_ALERTS}")
        return self


class MonthlyBudgetArgs(BudgetShape):
    """A budget and who hears of it."""

    topic_arn: In[TopicArn] | None = None
    """SNS topic, which must let `budgets.amazonaws.com` publish. Left out: none is told."""

    emails: Annotated[tuple[EmailAddress, ...], Field(max_length=MOST_EMAILS)] = ()
    """Addresses that get a mail, at most ten. Left out: none."""

    labels: Labels | None = None
    """Whose cost it is. Left out: everything that the account costs."""

    @model_validator(mode="after")
    def _somebody_hears(self) -> Self:
        if self.topic_arn is None and not self.emails:
            raise ValueError("nobody hears of the budget; give topic_arn or emails")
        return self


class MonthlyBudget(Component):
    """One AWS budget of cost. It tells and stops nothing."""

    budget_name: pulumi.Output[str]
    """Its name."""

    def __init__(
        self, name: str, args: MonthlyBudgetArgs | dict[str, Any], opts: pulumi.ResourceOptions | None = None
    ) -> None:
        args = MonthlyBudgetArgs.parse(args, name)
        super().__init__(name, args, opts)
        tags = None if args.labels is None else render(args.labels, "aws")
        budget = aws.budgets.Budget(
            name,
            name=name_in_aws(name, "aws-iam-role"),
            budget_type="COST",
            time_unit="MONTHLY",
            limit_amount=f"{args.limit_usd:.2f}",
            limit_unit="USD",
            cost_filters=None if tags is None else [cost_filter(args.counted, tags[args.counted])],
            notifications=[
                *(_alert("ACTUAL", percent, args) for percent in args.spent),
                *(_alert("FORECASTED", percent, args) for percent in args.forecast),
            ],
            tags=tags,
            opts=self.child(),
        )
        self.budget_name = budget.name
        self.register_outputs({"budget_name": self.budget_name})


def cost_filter(tag: str, value: str) -> "aws.budgets.BudgetCostFilterArgs":
    """Only what carries this tag.

    Source: https://docs.aws.amazon.com/cli/latest/reference/budgets/create-budget.html (`TagKeyValue`)
    """
    return aws.budgets.BudgetCostFilterArgs(name="TagKeyValue", values=[f"user:{tag}${value}"])


def _alert(kind: str, percent: int, args: MonthlyBudgetArgs) -> "aws.budgets.BudgetNotificationArgs":
    return aws.budgets.BudgetNotificationArgs(
        notification_type=kind,
        comparison_operator="GREATER_THAN",
        threshold=percent,
        threshold_type="PERCENTAGE",
        subscriber_email_addresses=list(args.emails),
        subscriber_sns_topic_arns=None if args.topic_arn is None else [args.topic_arn],
    )
