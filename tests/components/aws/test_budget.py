"""A budget as a plan: what it counts, when it tells, and whom."""

from pathlib import Path

import pytest
from inventory import assert_inventory
from plans import remembered

from modelberth.aws.budget import MonthlyBudget
from modelberth.core.errors import ConfigError
from modelberth_policies.resources import MISSING
from modelberth_policies.sources.program import run_in_process

HERE = Path(__file__).parent
TOPIC = "arn:aws:sns:eu-central-1:123456789012:alerts"
LABELS = {
    "owner": "search", "environment": "prod", "cost_centre": "Kosten 4711", "service": "shared", "model": "shared",
    "version": "shared", "data_classification": "internal",
}  # fmt: skip
BUDGET = "modelberth:index:MonthlyBudget$aws:budgets/budget:Budget::team"


@remembered
def planned(**fields):
    args = {"limit_usd": 500, "topic_arn": TOPIC, **fields}
    return run_in_process(lambda: MonthlyBudget("team", args) and None)


def test_defaults():
    assert_inventory(planned(), HERE / "budget.defaults.inventory.yaml")


def test_max():
    plan = planned(
        limit_usd=1999.5, spent=(25, 200), forecast=(90, 100, 110), counted="owner", emails=("ml@example.com",),
        labels=LABELS,
    )  # fmt: skip
    assert_inventory(plan, HERE / "budget.max.inventory.yaml")


def test_a_label_is_counted_as_it_stands_on_resources():
    (only,) = planned(labels=LABELS)[BUDGET].get("costFilters")
    assert only == {"name": "TagKeyValue", "values": ["user:cost-centre$Kosten 4711"]}


def test_without_labels_everything_counts():
    assert planned()[BUDGET].get("costFilters") is MISSING


def test_either_kind_of_alert_may_be_left_out():
    kinds = [alert["notificationType"] for alert in planned(spent=())[BUDGET].get("notifications")]
    assert kinds == ["FORECASTED"]


@pytest.mark.parametrize(
    ("fields", "fault"),
    [
        ({"limit_usd": 0}, "team.limit_usd: got 0, input should be greater than or equal to 1"),
        ({"limit_usd": float("inf")}, "team.limit_usd: got inf, input should be a finite number"),
        ({"spent": (80, 50)}, "team: spent is [80, 50]; each must be above the one before it"),
        ({"forecast": (100, 100)}, "team: forecast is [100, 100]; each must be above the one before it"),
        ({"spent": (0,)}, "team.spent.0: got 0, input should be greater than or equal to 1"),
        (
            {"spent": (1, 2, 3, 4, 5)},
            "team: spent and forecast are 6 alerts together, allowed are 1 to 5",
        ),
        (
            {"spent": (), "forecast": ()},
            "team: spent and forecast are 0 alerts together, allowed are 1 to 5",
        ),
        ({"topic_arn": None}, "team: nobody hears of the budget; give topic_arn or emails"),
        ({"emails": ("ml",)}, "team.emails.0: not an e-mail address; write name@example.com"),
        (
            {"emails": tuple(f"{number}@example.com" for number in range(11))},
            "team.emails: tuple should have at most 10 items after validation, not 11",
        ),
        (
            {"topic_arn": "alerts"},
            "team.topic_arn: not the ARN of a topic; write arn:aws:sns:<region>:<account>:<name>",
        ),
        (
            {"counted": "model"},
            "team.counted: input should be 'cost-centre', 'environment', 'owner' or 'service'",
        ),
    ],
)
def test_a_budget_that_cannot_be_is_refused(fields, fault):
    with pytest.raises(ConfigError) as error:
        planned(**fields)
    assert str(error.value) == f"configuration: 1 fault\n  {fault}"
