"""The features, bottom up: the one list of what the service has.

Each is a package that brings what it has of ``MODELS`` (tables), ``AGGREGATES`` (what the write path changes),
``init_app`` (routes) and ``upkeep`` (threads beside the requests).
"""

from taskapp.features import activity, tasks, tokens, users, wildlife
from taskapp.kit.repeated import Repeated
from taskapp.settings import Settings

FEATURES = (users, tokens, activity, tasks, wildlife)
MODELS = tuple(model for feature in FEATURES for model in feature.MODELS)
AGGREGATES = {each.kind: each for feature in FEATURES for each in getattr(feature, "AGGREGATES", ())}


def upkeep(settings: Settings) -> list[Repeated]:
    """Make what runs beside the requests, of all features."""
    return [thread for feature in FEATURES if hasattr(feature, "upkeep") for thread in feature.upkeep(settings)]
