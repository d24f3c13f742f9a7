"""Until when AWS supports what is run: Lambda's runtimes, and EKS' versions at the lower price. Standard library only.

Lambda: https://docs.aws.amazon.com/lambda/latest/dg/lambda-runtimes.html (deprecation date), as read on 2026-05-23; the
runtimes that ended before 2021 as of endoflife.date/aws-lambda. EKS:
https://docs.aws.amazon.com/eks/latest/userguide/kubernetes-versions.html (end of standard support), as of 2025-10; 1.35
as aws-samples' apex-skills had it on 2026-04-24, 1.36 as endoflife.date/amazon-eks had it in 2026-06.
"""

import re
from collections.abc import Mapping
from datetime import date

LAMBDA_RUNTIMES: Mapping[str, str] = {
    "dotnet10": "2028-11-14", "dotnet9": "2026-11-10", "dotnet8": "2026-11-10", "dotnet7": "2024-05-14",
    "dotnet6": "2024-12-20", "dotnet5.0": "2022-05-10", "dotnetcore3.1": "2023-04-03", "dotnetcore2.1": "2022-01-05",
    "dotnetcore2.0": "2019-05-30", "dotnetcore1.0": "2019-06-27",
    "go1.x": "2024-01-08",
    "java25": "2029-06-30", "java21": "2029-06-30", "java17": "2027-06-30", "java11": "2027-06-30",
    "java8.al2": "2027-06-30", "java8": "2024-01-08",
    "nodejs24.x": "2028-04-30", "nodejs22.x": "2027-04-30", "nodejs20.x": "2026-04-30", "nodejs18.x": "2025-09-01",
    "nodejs16.x": "2024-06-12", "nodejs14.x": "2023-12-04", "nodejs12.x": "2023-03-31", "nodejs10.x": "2021-07-30",
    "nodejs8.10": "2020-03-06", "nodejs6.10": "2019-08-12", "nodejs4.3": "2020-03-05", "nodejs4.3-edge": "2020-03-05",
    "nodejs": "2016-10-31",
    "provided.al2023": "2029-06-30", "provided.al2": "2026-07-31", "provided": "2024-01-08",
    "python3.14": "2029-06-30", "python3.13": "2029-06-30", "python3.12": "2028-10-31", "python3.11": "2027-06-30",
    "python3.10": "2026-10-31", "python3.9": "2025-12-15", "python3.8": "2024-10-14", "python3.7": "2023-12-04",
    "python3.6": "2022-07-18", "python2.7": "2021-07-15",
    "ruby4.0": "2029-03-31", "ruby3.4": "2028-03-31", "ruby3.3": "2027-03-31", "ruby3.2": "2026-03-31",
    "ruby2.7": "2023-12-07", "ruby2.5": "2021-07-30",
}  # fmt: skip
"""Runtime → the day on which it is deprecated."""

EKS_VERSIONS: Mapping[str, str] = {
    "1.36": "2027-08-02",
    "1.35": "2027-03-27",
    "1.34": "2026-12-02",
    "1.33": "2026-07-29",
    "1.32": "2026-03-23",
    "1.31": "2025-11-26",
    "1.30": "2025-07-23",
    "1.29": "2025-03-23",
    "1.28": "2024-11-26",
}
"""Kubernetes version → the day on which EKS' standard support ends, and the price rises as the day begins (UTC)."""

_NUMBERS = re.compile(r"\d{1,9}")


def runtime_ended(runtime: str, day: date) -> str | None:
    """Since when Lambda no longer supports the runtime on this day; None while it does, empty for no known runtime.

    What is newer than all that are known here counts as supported.
    """
    return _ended(LAMBDA_RUNTIMES, runtime, day)


def standard_support_ended(version: str, day: date) -> str | None:
    """Since when EKS charges more for the Kubernetes version on this day; the rest as `runtime_ended`."""
    return _ended(EKS_VERSIONS, version, day)


def _ended(known: Mapping[str, str], name: str, day: date) -> str | None:
    until = known.get(name)
    if until is not None:
        return until if date.fromisoformat(until) <= day else None
    numbers = [_version(each) for each in known if _family(each) == _family(name)]
    return None if numbers and _version(name) > max(numbers) else ""


def _family(name: str) -> str:
    return _NUMBERS.split(name, maxsplit=1)[0]


def _version(name: str) -> tuple[int, ...]:
    return tuple(int(number) for number in _NUMBERS.findall(name))
