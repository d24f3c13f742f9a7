from modelberth_policies.packs import COST

COST.serve(__file__)
