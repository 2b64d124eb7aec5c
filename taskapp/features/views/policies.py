"""Who may see and change a view: its user, or the members of the project that it is shared with."""

from taskapp.kit.problem import Problem

READ, WRITE = "tasks:read", "tasks:write"


def missing() -> Problem:
    """Build the 404 for a view that does not exist, or that the caller may not know of."""
    return Problem("not_found", "View not found")
