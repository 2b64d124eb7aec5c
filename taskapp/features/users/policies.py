"""Who may see and change which user."""

import uuid

from taskapp.kit.caller import Caller
from taskapp.kit.problem import Problem

ADMIN, WRITE = "users:admin", "account:write"
SCOPES = {WRITE: "change one's own user; create and revoke one's own tokens"}
ADMIN_SCOPES = {ADMIN: "manage users (administrators)"}


def is_admin(caller: Caller) -> bool:
    """Return whether a caller manages users."""
    return ADMIN in caller.scopes


def check_sees(caller: Caller, user_id: uuid.UUID) -> None:
    """Check that a caller may see a user: themselves, or anyone if they are an administrator.

    :raise Problem: ``not_found``
    """
    if user_id != caller.user_id and not is_admin(caller):
        raise missing()


def missing() -> Problem:
    """Build the 404 for a user that does not exist, or that the caller may not know of."""
    return Problem("not_found", "User not found")
