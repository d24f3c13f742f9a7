"""The day on which a check is made. Standard library only."""

import os
from datetime import UTC, date, datetime


def today() -> date:
    """Today, or the day of `SOURCE_DATE_EPOCH`, so that a check of the past says what it said then.

    The variable is that of https://reproducible-builds.org/specs/source-date-epoch/.
    """
    epoch = os.environ.get("SOURCE_DATE_EPOCH", "")
    return (datetime.fromtimestamp(int(epoch), UTC) if epoch.isdigit() else datetime.now(UTC)).date()
