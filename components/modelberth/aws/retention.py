"""For how long CloudWatch keeps logs."""

from typing import Annotated

from pydantic import AfterValidator

# fmt: off
ACCEPTED_DAYS = (
    1, 3, 5, 7, 14, 30, 60, 90, 120, 150, 180, 365, 400, 545, 731, 1096, 1827, 2192, 2557, 2922, 3288, 3653,
)
# fmt: on
"""What CloudWatch Logs accepts.

Source: https://docs.aws.amazon.com/AmazonCloudWatchLogs/latest/APIReference/API_PutRetentionPolicy.html"""


def _accepted(days: int) -> int:
    if days in ACCEPTED_DAYS:
        return days
    instead = next((accepted for accepted in ACCEPTED_DAYS if accepted > days), ACCEPTED_DAYS[-1])
    raise ValueError(
        f"got {days}, CloudWatch Logs keeps logs for {', '.join(map(str, ACCEPTED_DAYS))} days; take {instead}"
    )


LogRetentionDays = Annotated[int, AfterValidator(_accepted)]
"""Days for which logs are kept: one of `ACCEPTED_DAYS`."""
