"""The features, bottom up: the one list of what the service has.

Each is a package that provides any of ``MODELS`` (tables), ``PROBLEMS`` (error codes), ``SCOPES`` and ``ADMIN_SCOPES``
(what tokens may be used for), ``AGGREGATES`` (what the write path changes), ``TAGS`` and ``EXAMPLES`` (for the API
description), ``init_app`` (routes) and ``upkeep`` (background threads).
"""

from taskapp.features import access, activity, projects, tasks, tokens, users, views, wildlife
from taskapp.http.documentation import examples, tags
from taskapp.kit import caller, problem
from taskapp.kit.repeated import Repeated
from taskapp.settings import Settings

FEATURES = (users, projects, access, tokens, activity, tasks, views, wildlife)
MODELS = tuple(model for feature in FEATURES for model in getattr(feature, "MODELS", ()))
AGGREGATES = {each.kind: each for feature in FEATURES for each in getattr(feature, "AGGREGATES", ())}
for _feature in FEATURES:
    problem.register(getattr(_feature, "PROBLEMS", {}))
    caller.register_scopes(getattr(_feature, "SCOPES", {}))
    caller.register_scopes(getattr(_feature, "ADMIN_SCOPES", {}), admin=True)
    tags.register(getattr(_feature, "TAGS", {}))
    examples.register(getattr(_feature, "EXAMPLES", {}))


def upkeep(settings: Settings) -> list[Repeated]:
    """Create the background threads of all features."""
    return [thread for feature in FEATURES if hasattr(feature, "upkeep") for thread in feature.upkeep(settings)]
