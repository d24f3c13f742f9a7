"""Amounts as people write them: what is written comes back as one number in one unit, or a clear refusal."""

import math

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic import TypeAdapter

from modelberth.core.config import Config
from modelberth.core.errors import ConfigError
from modelberth.core.quantities import PER_SECOND, SECONDS, SHARE, PerSecond, Seconds, Share

STEADY = settings(derandomize=True, deadline=None)
ANY_UNIT = sorted(SECONDS | PER_SECOND | SHARE)
NUMBER = st.integers(1, 10**6).map(str) | st.decimals("0.001", 10**4, places=3).map(lambda number: f"{number:f}")


class Amounts(Config):
    time: Seconds = 0
    rate: PerSecond = 1
    share: Share = 0


def message_of(**given):
    with pytest.raises(ConfigError) as error:
        Amounts.parse(given)
    return str(error.value)


@STEADY
@given(NUMBER, st.sampled_from(sorted(SECONDS)), st.sampled_from(["", " "]))
def test_a_time_comes_back_in_seconds(number, unit, space):
    assert math.isclose(Amounts(time=f"{number}{space}{unit}").time, float(number) * SECONDS[unit])
    assert Amounts(time=f"{number}{unit}".upper()) == Amounts(time=f" {number}{unit} ")


@STEADY
@given(NUMBER, st.sampled_from(sorted(PER_SECOND)))
def test_a_rate_comes_back_per_second(number, unit):
    assert math.isclose(Amounts(rate=f"{number}{unit}").rate, float(number) * PER_SECOND[unit])


@STEADY
@given(st.decimals(0, 100, places=3))
def test_a_share_comes_back_between_0_and_1(percent):
    assert math.isclose(Amounts(share=f"{percent:f}%").share, float(percent) / 100, abs_tol=1e-12)


@STEADY
@given(st.floats(0, 1e9))
def test_a_bare_number_is_in_the_base_unit(number):
    assert Amounts(time=number).time == number
    assert Amounts.model_validate_json(Amounts(time=number).model_dump_json()).time == number


@pytest.mark.parametrize(
    ("field", "given", "expected"),
    [
        ("time", "200ms", 0.2),
        ("time", "10m", 600),
        ("time", "30d", 2592000),
        ("time", 0, 0),
        ("rate", "100/s", 100),
        ("rate", "600/m", 10),
        ("rate", "3600/h", 1),
        ("share", "1%", 0.01),
        ("share", "99.9%", 0.999),
        ("share", "100%", 1),
    ],
)
def test_known_amounts(field, given, expected):
    assert getattr(Amounts.parse({field: given}), field) == pytest.approx(expected, rel=1e-12)


NO_TIME = "time: not an amount with one of the units ms, s, m, h, d; write for example '200ms'"
NO_RATE = "rate: not an amount with one of the units /s, /m, /h; write for example '100/s'"
NO_SHARE = "share: not an amount with one of the units %; write for example '1%'"


@pytest.mark.parametrize(
    ("field", "given", "message"),
    [
        *(("time", text, NO_TIME) for text in ("", "200", "ms", "-1s", "1.s", "1e3s", "1h30m", "5 weeks", "1%", "٣ x")),
        *(("rate", text, NO_RATE) for text in ("", "100", "100 per second", "1/d", "-1/s")),
        *(("share", text, NO_SHARE) for text in ("", "1", "1 percent", "-1%")),
        ("time", -1, "time: got -1, input should be greater than or equal to 0"),
        ("time", math.inf, "time: got inf, input should be a finite number"),
        ("time", math.nan, "time: got nan, input should be greater than or equal to 0"),
        ("rate", 0, "rate: got 0, input should be greater than 0"),
        ("rate", "0/s", "rate: input should be greater than 0"),
        ("share", 1.5, "share: got 1.5, input should be less than or equal to 1"),
        ("share", "101%", "share: input should be less than or equal to 1"),
        ("time", None, "time: input should be a valid number"),
        ("time", ["1s"], "time: input should be a valid number"),
    ],
)
def test_what_is_no_amount_is_refused(field, given, message):
    assert message_of(**{field: given}) == f"configuration: 1 fault\n  {message}"


@STEADY
@given(st.text(max_size=12))
def test_no_text_is_taken_by_chance(text):
    try:
        time = Amounts(time=text).time
    except ValueError:
        return
    assert math.isfinite(time) and time >= 0
    assert any(text.strip().lower().endswith(unit) for unit in SECONDS)


@pytest.mark.parametrize("quantity", [Seconds, PerSecond, Share])
def test_the_schema_lets_an_editor_write_both_forms(quantity):
    types = {choice["type"] for choice in TypeAdapter(quantity).json_schema()["anyOf"]}
    assert types == {"string", "number"}
