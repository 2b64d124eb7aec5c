"""Who asks."""

import uuid
from dataclasses import dataclass

# The one user of open mode.
BUILT_IN_USER = uuid.UUID("00000000-0000-4000-8000-000000000001")
# What a token may be used for, by name.
SCOPES = {
    "tasks:read": "read tasks",
    "tasks:write": "make, change and delete tasks",
    "projects:admin": "manage projects and their members",
    "account:write": "change one's own user, and make and revoke one's own tokens",
    "users:admin": "manage users (administrators)",
    "metrics:read": "read the service's metrics (administrators)",
}
# Those that only an administrator can have.
ADMIN_SCOPES = frozenset({"users:admin", "metrics:read"})


@dataclass(frozen=True, slots=True)
class Caller:
    """A user, and what the request may do on the user's behalf.

    :param token_id: of the token that was sent; None in open mode
    """

    user_id: uuid.UUID
    scopes: frozenset[str]
    token_id: uuid.UUID | None = None


def grantable(*, admin: bool) -> frozenset[str]:
    """List the scopes that a user's tokens may have."""
    return frozenset(SCOPES) if admin else frozenset(SCOPES) - ADMIN_SCOPES
