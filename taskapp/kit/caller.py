"""Who asks."""

import uuid
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Caller:
    """A user, and what the request may do on the user's behalf."""

    user_id: uuid.UUID
    scopes: frozenset[str]
