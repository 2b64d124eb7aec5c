"""Access: what a caller may read and write, asked once per request."""

from taskapp.features.access.access import Access, inbox

SCOPES = {"projects:admin": "manage projects and their members"}
__all__ = ["SCOPES", "Access", "inbox"]
