"""`modelberth check --baseline`: what a change brings, against a git ref and against a saved report."""

import pytest
from checked_project import NAT, REGION, TRUSTED, WRONG, Checked, rules


@pytest.fixture
def shop(tmp_path, capsys):
    return Checked(tmp_path / "shop", capsys)


def test_against_a_ref_of_git(shop):
    shop.program(WRONG)
    shop.commit()
    shop.program(TRUSTED, NAT)
    stack = shop.json("--stack", "dev", "--baseline", "main")["stacks"][0]
    assert "kms-rotation" in [each["rule"] for each in stack["difference"]["gone"]]
    assert all(each["name"] == "way" for each in stack["difference"]["new"])
    [service] = stack["difference"]["services"]
    assert service["before"]["expected"] < service["after"]["expected"]
    said = shop.check("--stack", "dev", "--baseline", "main")
    assert "against the baseline: " in said and "gone: kms-rotation: signer" in said


def test_against_a_saved_report(shop, tmp_path):
    shop.program(TRUSTED)
    file = tmp_path / "before.json"
    shop.check("--stack", "dev", "--format", "json", "--output", str(file))
    same = shop.json("--stack", "dev", "--baseline", str(file))["stacks"][0]["difference"]
    assert same["new"] == same["gone"] == same["services"] == []
    shop.program(WRONG)
    changed = shop.json("--stack", "dev", "--baseline", str(file))["stacks"][0]["difference"]
    assert [each["rule"] for each in changed["new"]] == ["kms-rotation"]


def test_a_stack_that_the_baseline_lacks_is_new(shop, tmp_path):
    shop.program(WRONG)
    shop.commit()
    file = tmp_path / "before.json"
    shop.check("--stack", "dev", "--format", "json", "--output", str(file))
    shop.write("Pulumi.test.yaml", REGION)
    for baseline in ("main", str(file)):
        stack = shop.json("--stack", "test", "--baseline", baseline)["stacks"][0]
        assert len(stack["difference"]["new"]) == len(stack["findings"]) > 0
        assert stack["difference"]["before"]["expected"] == 0 < stack["bill"]["total"]["expected"]


def test_a_project_that_the_baseline_lacks_is_new(shop, tmp_path, capsys):
    shop.program(WRONG)
    shop.commit()
    other = Checked(shop.folder / "other", capsys)
    other.program(WRONG)
    stack = other.json("--baseline", "main")["stacks"][0]
    assert len(stack["difference"]["new"]) == len(stack["findings"]) > 0


def test_the_own_package_of_the_baseline_is_the_one_of_then(shop, monkeypatch):
    monkeypatch.setenv("PYTHONPATH", str(shop.folder / "lib"))
    shop.write("lib/own.py", "ROTATES = True\n")
    shop.program("import own\n", WRONG.replace("False", "own.ROTATES"))
    shop.commit()
    shop.write("lib/own.py", "ROTATES = False\n")
    stack = shop.json("--baseline", "main")["stacks"][0]
    assert [each["rule"] for each in stack["difference"]["new"]] == ["kms-rotation"]


def test_a_change_that_costs_more_than_it_may(shop):
    shop.program()
    shop.commit()
    shop.program(NAT)
    limits = "environments: {dev: {production: false, levels: {pr-cost-delta: mandatory}, budget: {delta_usd: 5}}}"
    shop.write("policies/limits.yaml", limits)
    assert "pr-cost-delta" in rules(shop.json("--baseline", "main", exits=1), key="findings")
    assert "pr-cost-delta" not in rules(shop.json())


def test_faults_of_the_baseline_are_told_as_such(shop):
    shop.program("raise ValueError('then')\n")
    shop.commit()
    shop.program()
    assert shop.check("--baseline", "main", exits=2) == "modelberth: --baseline main: __main__.py:5: ValueError: then\n"
    shop.write("Pulumi.yaml", "runtime: python\n")
    shop.commit()
    shop.write("Pulumi.yaml", "name: shop\nruntime: python\n")
    said = shop.check("--baseline", "main", exits=2)
    assert said == "modelberth: --baseline main: main/Pulumi.yaml has no `name`; write `name: <project>`\n"


def test_an_unknown_baseline(shop):
    shop.program()
    shop.commit()
    assert "--baseline nowhere: is no file, and git says: there is no such ref" in shop.check(
        "--baseline", "nowhere", exits=2
    )
