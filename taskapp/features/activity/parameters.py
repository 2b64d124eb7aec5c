"""The query parameters of the routes of activity."""

from taskapp.kit.fields import Time
from taskapp.kit.parameters import One, PageParameters


class EventParameters(PageParameters):
    """Which events to list."""

    after = One(Time(), load_default=None, metadata={"description": "Events after this time."})
    before = One(Time(), load_default=None, metadata={"description": "Events before this time."})
