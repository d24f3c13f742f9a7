"""Model servers as data, one YAML file each."""

from modelberth.runtimes.loader import load, names
from modelberth.runtimes.placeholders import PLACEHOLDERS, fill, placeholders
from modelberth.runtimes.runtime import Health, Image, Metrics, Platform, Runtime, Start
from modelberth.runtimes.series import Latency, Selection, Series

__all__ = [
    "PLACEHOLDERS",
    "Health",
    "Image",
    "Latency",
    "Metrics",
    "Platform",
    "Runtime",
    "Selection",
    "Series",
    "Start",
    "fill",
    "load",
    "names",
    "placeholders",
]
