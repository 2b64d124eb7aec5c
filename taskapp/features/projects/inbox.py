"""The inbox: a project that every user has from the start, alone; it is not stored, and cannot change."""

import uuid
from functools import lru_cache

_INBOXES = uuid.UUID("0c5b0d52-8d43-5b53-9c0c-3f0a1b7e2a10")


@lru_cache(maxsize=4096)
def inbox(user_id: uuid.UUID) -> uuid.UUID:
    """Return the id of a user's inbox."""
    return uuid.uuid5(_INBOXES, str(user_id))
