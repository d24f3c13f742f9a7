"""What is supported on which day, without the clock."""

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from modelberth_policies.support_dates import EKS_VERSIONS, LAMBDA_RUNTIMES, runtime_ended, standard_support_ended


@pytest.mark.parametrize(
    ("runtime", "day", "ended"),
    [
        ("python3.9", "2025-12-14", None),
        ("python3.9", "2025-12-15", "2025-12-15"),
        ("provided.al2", "2026-11-21", "2026-07-31"),
        ("provided.al2023", "2026-11-21", None),
        ("python3.15", "2026-11-21", None),
        ("nodejs26.x", "2026-11-21", None),
        ("python3.5", "2026-11-21", ""),
        ("rust1", "2026-11-21", ""),
        ("", "2026-11-21", ""),
    ],
)
def test_runtimes(runtime, day, ended):
    assert runtime_ended(runtime, date.fromisoformat(day)) == ended


@pytest.mark.parametrize(
    ("version", "day", "ended"),
    [
        ("1.34", "2026-12-01", None),
        ("1.34", "2026-12-02", "2026-12-02"),
        ("1.37", "2026-12-02", None),
        ("1.9", "2026-12-02", ""),
        ("latest", "2026-12-02", ""),
    ],
)
def test_kubernetes_versions(version, day, ended):
    assert standard_support_ended(version, date.fromisoformat(day)) == ended


def test_every_date_is_one():
    for day in [*LAMBDA_RUNTIMES.values(), *EKS_VERSIONS.values()]:
        assert date(2016, 1, 1) < date.fromisoformat(day) < date(2032, 1, 1)


@given(st.text(), st.dates())
def test_nothing_breaks_it(name, day):
    assert isinstance(runtime_ended(name, day), str | None)
    assert isinstance(standard_support_ended(name, day), str | None)
