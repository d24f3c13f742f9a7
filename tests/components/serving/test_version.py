import pytest

from modelberth.serving.version import is_version, matches


@pytest.mark.parametrize(
    ("asked", "served", "same"),
    [
        ("v1", "1.4.2", True),
        ("v1.0", "1.0.7", True),
        ("v1.0", "1.1.0", False),
        ("1.0.0", "1.0.0", True),
        ("1.0.0", "1.0.1", False),
        ("v1", "10.0.0", False),
        ("1.0.0", "1.0.0-rc.1", False),
        ("1.0.0-rc.1", "1.0.0-rc.1", True),
        ("1.0.0", "1.0.0+build.7", True),
        ("1.0.0", "1.0", False),
    ],
)
def test_a_version_asked_for_matches_the_one_served(asked, served, same):
    assert matches(asked, served) is same


@pytest.mark.parametrize("text", ["", "v", "latest", "1.", "1.0.0.0", "1" * 10, "1.0\n", "\u0661"])
def test_what_is_no_version(text):
    assert not is_version(text)
