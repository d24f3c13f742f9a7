from pathlib import Path

from modelberth_policies.packs import Pack
from modelberth_policies.rules.own import load_rules

Pack("acme", "The rules of our house.", load_rules(Path(__file__).with_name("rules.py"))).serve(__file__)
