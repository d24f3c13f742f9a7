"""The day of a check can be set from outside, as for any reproducible build."""

from datetime import UTC, date, datetime

from modelberth_policies.clock import today


def test_the_day_is_today_or_that_of_the_variable(monkeypatch):
    monkeypatch.setenv("SOURCE_DATE_EPOCH", "1796083200")
    assert today() == date(2026, 12, 1)
    for unset in ("", "soon"):
        monkeypatch.setenv("SOURCE_DATE_EPOCH", unset)
        assert abs((today() - datetime.now(UTC).date()).days) <= 1
