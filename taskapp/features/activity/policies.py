"""Whose activity a caller may see."""

import uuid

from taskapp.kit.caller import Caller
from taskapp.kit.problem import Problem

READ, ADMIN = "tasks:read", "users:admin"


def check_sees(caller: Caller, user_id: uuid.UUID) -> None:
    """Check that a caller may see a user's activity: their own, or anyone's if they are an administrator.

    :raise Problem: ``not_found``
    """
    if user_id != caller.user_id and ADMIN not in caller.scopes:
        raise Problem("not_found", "User not found")
