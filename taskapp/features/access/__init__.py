"""Access: what a caller may read and write, asked once per request."""

from taskapp.features.access.access import Access
from taskapp.features.projects import inbox

__all__ = ["Access", "inbox"]
