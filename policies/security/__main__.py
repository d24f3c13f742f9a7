from modelberth_policies.packs import SECURITY

SECURITY.serve(__file__)
