"""E-mail addresses are unique: who wants one claims it first, and gives it back if the rest fails.

A claim whose user does not have the address, since a process died in between, can be taken over when it is old. Before
that its owner is hindered from getting the address after all: one that was never stored by storing it as removed, one
that has another address by moving it to another version, so that the change under way finds itself outrun.
"""

import uuid
from datetime import timedelta

from taskapp.features.users import queries
from taskapp.kit import clock
from taskapp.kit.email import email_key
from taskapp.kit.problem import Problem

# A request ends long before (`TASKAPP_REQUEST_BUDGET`).
ABANDONED_AFTER = timedelta(seconds=30)


def claim(email: str, user_id: uuid.UUID) -> uuid.UUID:
    """Claim an address for a user; return the claim, by which alone it can be given back.

    :raise Problem: ``email_taken``
    """
    key, new = email_key(email), clock.new_id()
    for _ in range(3):
        if queries.claim_email(key, user_id, new, clock.now()):
            return new
        owner = queries.email_owner(key, finally_=True)
        if owner is None:
            continue
        who, seen, at = owner
        ours = who == user_id
        if not ours and not _abandoned(key, who, at):
            break
        if queries.take_over_email(key, user_id, new, clock.now(), before=seen):
            return new
    raise Problem("email_taken", "There is a user with this e-mail address.")


def _abandoned(key: str, user_id: uuid.UUID, at: object) -> bool:
    owner = queries.get_finally(user_id)
    if owner and owner["removed_at"]:
        return True
    if clock.now() - at < ABANDONED_AFTER:  # type: ignore[operator]
        return False
    if owner is None:
        return queries.create({"id": user_id, "removed_at": clock.now()})
    return email_key(owner["email"]) != key and queries.update(owner, owner)


def held(email: str, user_id: uuid.UUID) -> uuid.UUID | None:
    """Find a user's claim on an address."""
    owner = queries.email_owner(email_key(email))
    return owner[1] if owner and owner[0] == user_id else None


def release(email: str, claim: uuid.UUID | None) -> None:
    """Give an address back, unless it has been claimed anew since: by the same user, in another request."""
    if claim is not None:
        queries.release_email(email_key(email), claim)
