"""Queries for users."""

import uuid

from cassandra import ConsistencyLevel

from taskapp.cassandra.driver.conditional import decide
from taskapp.cassandra.mapper import Delete, Insert, Select, Update, bind, names, token
from taskapp.cassandra.mapper.queries import Answered
from taskapp.features.users.models import EmailClaim, User

_FIRST_TOKEN = -(2**63)
# How many changes back a repeated one still finds itself.
CHANGES_KEPT = 16
_CHANGED = names(User, keys=False)

_USER = User.objects.filter(User.id == bind("id"))
_GET = Select("users.get", _USER)
_CREATE = Insert("users.create", User, if_not_exists=True)
_UPDATE = Update("users.update", _USER.iff(version=bind("expected")), *_CHANGED)
_LIST = Select("users.list", User.objects.filter(token(User.id) > bind("after")).limit(bind("size")),
               plus=token(User.id))

_ADDRESS = EmailClaim.objects.filter(EmailClaim.email_key == bind("email_key"))
_CLAIM = Insert("users.claim_email", EmailClaim, if_not_exists=True)
_TAKE_OVER = Update("users.take_over_email", _ADDRESS.iff(claim=bind("before")), "user_id", "claim", "claimed_at")
_RELEASE = Delete("users.release_email", _ADDRESS.iff(claim=bind("claim")))
_OWNER = Select("users.email_owner", _ADDRESS)


def get(user_id: uuid.UUID, consistency: int | None = None) -> User | None:
    """Read a user; of a removed one, only what ``User`` says it keeps."""
    return ask(user_id, consistency).one()


def ask(user_id: uuid.UUID, consistency: int | None = None) -> Answered[User]:
    """Request a user without waiting."""
    return _GET.ask(id=user_id, consistency=consistency)


def get_finally(user_id: uuid.UUID) -> User | None:
    """Read a user once any write in flight has completed."""
    return get(user_id, ConsistencyLevel.LOCAL_SERIAL)


def create(user: User, change_id: uuid.UUID) -> bool:
    """Store a new user; return False if the id was taken.

    No row is ever deleted, so a late repeat is never applied.

    :raise OutcomeUnknown: it is unknown whether the user was stored
    """
    return decide(lambda: _CREATE.applied(user.replace(changes=(change_id,))), lambda: landed(user.id, change_id))


def update(old: User, new: User, change_id: uuid.UUID, *, repeated: bool = False) -> bool:
    """Store a user's next version if it is still at the old one; return whether it was stored.

    Unchanged cells are not written.

    :param repeated: the change was sent before, and may be stored
    :raise OutcomeUnknown: it is unknown whether the version was stored
    """
    new = new.replace(version=old.version + 1, changes=(change_id, *old.changes)[:CHANGES_KEPT])
    cells = {name: getattr(new, name) for name in _CHANGED if getattr(new, name) != getattr(old, name)}
    return decide(lambda: _UPDATE.applied(id=old.id, expected=old.version, **cells),
                  lambda: landed(old.id, change_id), repeated=repeated)


def landed(user_id: uuid.UUID, change_id: uuid.UUID) -> bool:
    """Check at the serial consistency level whether a change of a user was stored."""
    user = get_finally(user_id)
    return user is not None and change_id in user.changes


def page(after: int | None, size: int, consistency: int | None = None) -> list[tuple[User, int]]:
    """List users with their partition tokens, in token order, after a given token."""
    return _LIST.pairs(after=_FIRST_TOKEN if after is None else after, size=size, consistency=consistency)


# -- Who has an e-mail address


def claim_email(claim: EmailClaim) -> bool:
    """Claim an address for a user; return whether it was free.

    A released address is free again: a claim whose answer was lost may then arrive late, with its old time.

    :raise OutcomeUnknown: it is unknown whether the claim was made
    """
    return decide(lambda: _CLAIM.applied(claim), lambda: _claimed(claim))


def take_over_email(claim: EmailClaim, before: uuid.UUID) -> bool:
    """Replace a claim that was read before; return whether it was still there.

    :raise OutcomeUnknown: it is unknown whether the claim was replaced
    """
    return decide(lambda: _TAKE_OVER.applied(claim, before=before), lambda: _claimed(claim))


def _claimed(claim: EmailClaim) -> bool:
    owner = email_owner(claim.email_key, finally_=True)
    return owner is not None and owner.claim == claim.claim


def release_email(email_key: str, claim: uuid.UUID) -> None:
    """Release an address, unless it has been claimed anew."""
    _RELEASE.run(email_key=email_key, claim=claim)


def give_up_email(email_key: str, claim: uuid.UUID) -> None:
    """Release an address like ``release_email``, without waiting."""
    _RELEASE.tell(email_key=email_key, claim=claim)


def email_owner(email_key: str, *, finally_: bool = False) -> EmailClaim | None:
    """Return the claim on an address: who made it, and when."""
    found = _OWNER.one(email_key=email_key, consistency=ConsistencyLevel.LOCAL_SERIAL if finally_ else None)
    return found if found and found.user_id else None
