"""What routes name in their paths."""

import uuid

from flask import g

from taskapp.kit.fields import parse_id
from taskapp.kit.problem import invalid, parameter_error


def user_id(text: str) -> uuid.UUID:
    """Read the user that a path names; ``me`` is the caller.

    :raise Problem: ``invalid`` for anything else that is not a UUID, as in the driver's guide (`docs/tutorials.md`)
    """
    if text == "me":
        return g.caller.user_id  # type: ignore[no-any-return]
    found = parse_id(text)
    if found is None:
        raise invalid([parameter_error("user_id", "Not a valid UUID.")])
    return found
