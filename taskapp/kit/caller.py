"""The caller: who sent a request, and what it may do."""

import uuid
from collections.abc import Mapping
from dataclasses import dataclass

# The one user of open mode.
BUILT_IN_USER = uuid.UUID("00000000-0000-4000-8000-000000000001")
# What tokens may be used for, by scope; and the scopes that only administrators may have. Features register theirs.
SCOPES: dict[str, str] = {}
_ADMIN_SCOPES: set[str] = set()


def register_scopes(meanings: Mapping[str, str], *, admin: bool = False) -> None:
    """Add scopes.

    :param meanings: what each allows, by name, as the end of a sentence
    :param admin: whether only an administrator can have them
    """
    SCOPES.update(meanings)
    if admin:
        _ADMIN_SCOPES.update(meanings)


@dataclass(frozen=True, slots=True)
class Caller:
    """A user, and what the request may do on the user's behalf.

    :param token_id: the id of the token that was sent; None in open mode
    """

    user_id: uuid.UUID
    scopes: frozenset[str]
    token_id: uuid.UUID | None = None


def grantable(*, admin: bool) -> frozenset[str]:
    """List the scopes that a user's tokens may have."""
    return frozenset(SCOPES) if admin else frozenset(SCOPES) - _ADMIN_SCOPES
