"""Who may see and change which user."""

import uuid
from collections.abc import Callable

from taskapp.kit.caller import Caller
from taskapp.kit.problem import Problem

ADMIN, WRITE = "users:admin", "account:write"
SCOPES = {WRITE: "change one's own user; create and revoke one's own tokens"}
# Whether two users know each other, by the feature that tells.
acquaintance: dict[str, Callable[[uuid.UUID, uuid.UUID], bool]] = {}
ADMIN_SCOPES = {ADMIN: "manage users (administrators)"}


def is_admin(caller: Caller) -> bool:
    """Return whether a caller manages users."""
    return ADMIN in caller.scopes


def sees_all(caller: Caller, user_id: uuid.UUID) -> bool:
    """Return whether a caller may see all of a user: of themselves, or of anyone if they are an administrator."""
    return user_id == caller.user_id or is_admin(caller)


def knows(caller: Caller, user_id: uuid.UUID) -> bool:
    """Return whether a caller may know a user's name."""
    return sees_all(caller, user_id) or any(each(caller.user_id, user_id) for each in acquaintance.values())


def check_sees(caller: Caller, user_id: uuid.UUID) -> None:
    """Check that a caller may see all of a user.

    :raise Problem: ``forbidden`` if they may know the user's name, or ``not_found``
    """
    if not sees_all(caller, user_id):
        if knows(caller, user_id):
            raise Problem("forbidden", "Only the user and administrators may see or change this.")
        raise missing()


def missing() -> Problem:
    """Build the 404 for a user that does not exist, or that the caller may not know of."""
    return Problem("not_found", "User not found")
