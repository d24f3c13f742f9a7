"""Residency zones: which regions of all clouds lie in one legal area."""

from collections.abc import Mapping
from fnmatch import fnmatchcase

ZONES: Mapping[str, tuple[str, ...]] = {
    "eu": (
        *("eu-central-1", "eu-west-1", "eu-west-3", "eu-north-1", "eu-south-[12]"),
        *("europe-west[134589]", "europe-west1[0-2]", "europe-north[12]", "europe-central2", "europe-southwest1", "eu"),
        *("westeurope", "northeurope", "germany*", "france*", "sweden*", "italynorth", "poland*", "spain*", "austria*"),
        "belgium*",
    ),
    "uk": ("eu-west-2", "europe-west2", "uksouth", "ukwest"),
    "ch": ("eu-central-2", "europe-west6", "switzerland*"),
    "us": ("us-*", "us", "eastus*", "westus*", "centralus", "*centralus"),
    "ca": ("ca-*", "northamerica-northeast*", "canada*"),
    "apac": ("ap-*", "asia-*", "australia*", "*asia", "japan*", "korea*", "*india", "indonesia*", "newzealand*"),
    "sa": ("sa-*", "southamerica-*", "brazil*"),
    "me": ("me-*", "il-*", "uae*", "qatar*", "israel*"),
    "af": ("af-*", "africa-*", "southafrica*"),
}
"""Zone → patterns of regions. The United Kingdom and Switzerland are no members of the union, whatever a region's name
says. Sources: aws.amazon.com/about-aws/global-infrastructure, cloud.google.com/compute/docs/regions-zones,
learn.microsoft.com/azure/reliability/regions-list; read from general knowledge on 2026-11-21."""


def zone_of(region: str) -> str | None:
    """The zone of a region; None for one that no pattern fits."""
    narrow = (zone for zone in ("uk", "ch", *ZONES) if any(fnmatchcase(region, each) for each in ZONES[zone]))
    return next(narrow, None)
