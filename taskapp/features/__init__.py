"""The features, bottom up: the one list of what the service has."""

from taskapp.features import activity, tasks, tokens, users, wildlife

FEATURES = (users, tokens, activity, tasks, wildlife)
MODELS = tuple(model for feature in FEATURES for model in feature.MODELS)
