"""Public names of a package that are imported once somebody asks for them."""

import sys

import pytest

from modelberth.core.lazy import lazily


@pytest.fixture
def public(tmp_path, monkeypatch):
    """The `__getattr__` of a package of two modules, of which one cannot be imported."""
    package = tmp_path / "shop_of_a_test"
    package.mkdir()
    (package / "__init__.py").write_text("")
    (package / "bread.py").write_text("class Loaf: pass\nclass Roll: pass\n")
    (package / "cake.py").write_text("import no_such_module_of_a_test\n")
    monkeypatch.syspath_prepend(tmp_path)
    yield lazily("shop_of_a_test", {"bread": ("Loaf", "Roll"), "cake": ("Tart",)})
    for name in [name for name in sys.modules if name.startswith("shop_of_a_test")]:
        del sys.modules[name]


def test_nothing_is_imported_until_a_name_is_asked_for(public):
    assert "shop_of_a_test.bread" not in sys.modules
    assert public("Loaf").__module__ == "shop_of_a_test.bread"
    assert public("Roll").__name__ == "Roll"
    assert "shop_of_a_test.cake" not in sys.modules


def test_an_unknown_name_is_an_attribute_error_as_of_any_module(public):
    with pytest.raises(AttributeError, match=r"^module 'shop_of_a_test' has no attribute 'Stone'$"):
        public("Stone")


def test_what_a_module_lacks_is_named(public):
    with pytest.raises(ModuleNotFoundError, match="no_such_module_of_a_test"):
        public("Tart")
