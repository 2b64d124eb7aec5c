"""E-mail addresses are unique: a user claims one first, and releases it if the rest is certain to have failed.

A user has an address only while holding the claim on it. A claim whose user does not have the address, because a
process died in between or the outcome of a write is unknown, can be taken over once it is old. Before the takeover, its
owner is prevented from getting the address after all: one that was never stored is stored as removed; one that has
another address is moved to a new version, so that the change in flight, wherever it waits, fails its condition.
"""

import uuid
from dataclasses import dataclass
from datetime import timedelta

from taskapp.features.users import queries
from taskapp.features.users.models import EmailClaim, User
from taskapp.kit import clock
from taskapp.kit.email import email_key
from taskapp.kit.problem import Problem

# A request ends long before this (`TASKAPP_REQUEST_BUDGET`).
ABANDONED_AFTER = timedelta(seconds=30)
_ATTEMPTS = 3


@dataclass(frozen=True, slots=True)
class Claim:
    """A claim that was just made.

    :param fresh: whether the user had no claim on the address before
    """

    key: str
    id: uuid.UUID
    fresh: bool

    def give_up(self) -> None:
        """Release the address without waiting, once it is certain that the user does not get it by this claim.

        A claim that replaced another one of the user stays: the request that made that one may get the address.
        """
        if self.fresh:
            queries.give_up_email(self.key, self.id)


def claim(email: str, user_id: uuid.UUID) -> Claim:
    """Claim an address for a user.

    :raise Problem: ``email_taken``
    :raise OutcomeUnknown: the claim may have been made; it can be taken over like an abandoned one
    """
    key = email_key(email)
    wanted = EmailClaim(email_key=key, user_id=user_id, claim=clock.new_id(), claimed_at=clock.now())
    for _ in range(_ATTEMPTS):
        wanted = wanted.replace(claimed_at=clock.now())
        if queries.claim_email(wanted):
            return Claim(key, wanted.claim, fresh=True)
        found = queries.email_owner(key, finally_=True)
        if found is None:
            continue
        if found.user_id != user_id:
            owner = queries.get_finally(found.user_id)
            if _keeps(owner, found):
                break
            if not _hindered(found.user_id, owner):
                continue
        if queries.take_over_email(wanted.replace(claimed_at=clock.now()), before=found.claim):
            return Claim(key, wanted.claim, fresh=found.user_id != user_id)
    raise Problem("email_taken", "This e-mail address is already in use.")


def _keeps(owner: User | None, found: EmailClaim) -> bool:
    """Return whether the user that claimed an address has it, or may be about to get it."""
    if owner and owner.removed_at:
        return False
    if owner and email_key(owner.email) == found.email_key:
        return True
    return clock.now() - found.claimed_at < ABANDONED_AFTER


def _hindered(user_id: uuid.UUID, owner: User | None) -> bool:
    """Ensure that no write in flight gives a user the address; return False if the user changed meanwhile."""
    if owner is None:
        return queries.create(User(id=user_id, removed_at=clock.now()), clock.new_id())
    return bool(owner.removed_at) or queries.update(owner, owner, clock.new_id())


def held(email: str, user_id: uuid.UUID) -> uuid.UUID | None:
    """Find a user's claim on an address."""
    owner = queries.email_owner(email_key(email))
    return owner.claim if owner and owner.user_id == user_id else None


def release(email: str, claim: uuid.UUID | None) -> None:
    """Release an address that its user has left, unless another request has claimed it since."""
    if claim is not None:
        queries.release_email(email_key(email), claim)
