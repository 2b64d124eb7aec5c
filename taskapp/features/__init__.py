"""The features, bottom up: the one list of what the service has."""

from taskapp.features import tasks

FEATURES = (tasks,)
MODELS = tuple(model for feature in FEATURES for model in feature.MODELS)
