"""What the database is asked about users."""

import uuid
from datetime import datetime
from typing import Any

from cassandra import ConsistencyLevel
from cassandra.query import UNSET_VALUE

from taskapp.cassandra.conditional import decide
from taskapp.cassandra.model import column_names
from taskapp.cassandra.statement import Row, Statement
from taskapp.features.users.models import Users

User = dict[str, Any]
NAMES = column_names(Users)
_CELLS = [name for name in NAMES if name != "id"]
_TOKEN_LEAST = -(2**63)
# So many changes back one that is sent again finds itself.
CHANGES_KEPT = 16

_GET = Statement("users.get", f"SELECT {', '.join(NAMES)} FROM $ks.users WHERE id = :id")
_CREATE = Statement("users.create", f"INSERT INTO $ks.users ({', '.join(NAMES)}) "
                    f"VALUES ({', '.join(':' + name for name in NAMES)}) IF NOT EXISTS", idempotent=False)
_UPDATE = Statement("users.update", f"UPDATE $ks.users SET {', '.join(f'{name} = :{name}' for name in _CELLS)} "
                    "WHERE id = :id IF version = :expected", idempotent=False)
_LIST = Statement("users.list", f"SELECT token(id), {', '.join(NAMES)} FROM $ks.users WHERE token(id) > :after "
                  "LIMIT :size")

_CLAIM = Statement("users.claim_email", "INSERT INTO $ks.users_by_email (email_key, user_id, claim, claimed_at) "
                   "VALUES (:email_key, :user_id, :claim, :claimed_at) IF NOT EXISTS", idempotent=False)
_TAKE_OVER = Statement("users.take_over_email", "UPDATE $ks.users_by_email SET user_id = :user_id, claim = :claim, "
                       "claimed_at = :claimed_at WHERE email_key = :email_key IF claim = :before", idempotent=False)
_RELEASE = Statement("users.release_email", "DELETE FROM $ks.users_by_email WHERE email_key = :email_key "
                     "IF claim = :claim", idempotent=False)
_OWNER = Statement("users.email_owner", "SELECT user_id, claim, claimed_at FROM $ks.users_by_email "
                   "WHERE email_key = :email_key")


def get(user_id: uuid.UUID, consistency: int | None = None) -> User | None:
    """Read a user; one that was removed has nothing but its id and when."""
    rows = _GET.run(id=user_id, consistency=consistency)
    return _user(rows[0]) if rows else None


def get_finally(user_id: uuid.UUID) -> User | None:
    """Read a user after whatever write is under way has ended."""
    return get(user_id, ConsistencyLevel.LOCAL_SERIAL)


def create(user: User, change_id: uuid.UUID) -> bool:
    """Store a new user; tell whether it was stored, or the id was taken.

    No row is ever deleted, so that a late repeat is never applied.

    :raise OutcomeUnknown: nobody could tell
    """
    cells = {name: _unset(user.get(name)) for name in NAMES} | {"changes": [change_id]}
    return decide(lambda: bool(_CREATE.run(**cells)[0][0]), lambda: landed(user["id"], change_id))


def update(old: User, new: User, change_id: uuid.UUID, *, repeated: bool = False) -> bool:
    """Store a user's next version, if it still is at the old one; tell whether it was stored.

    Cells that did not change are left alone.

    :param repeated: the change was sent before, and may be stored
    :raise OutcomeUnknown: nobody could tell
    """
    cells = {name: new.get(name) if new.get(name) != old[name] else UNSET_VALUE for name in _CELLS}
    cells |= {"version": old["version"] + 1, "changes": [change_id, *old["changes"]][:CHANGES_KEPT]}
    return decide(lambda: bool(_UPDATE.run(id=old["id"], expected=old["version"], **cells)[0][0]),
                  lambda: landed(old["id"], change_id), repeated=repeated)


def landed(user_id: uuid.UUID, change_id: uuid.UUID) -> bool:
    """Ask at the serial consistency level whether a change of a user was stored."""
    user = get_finally(user_id)
    return user is not None and change_id in user["changes"]


def page(after: int | None, size: int, consistency: int | None = None) -> list[tuple[int, User]]:
    """List users with their tokens, in the order of tokens, after one."""
    rows = _LIST.run(after=_TOKEN_LEAST if after is None else after, size=size, consistency=consistency)
    return [(row[0], _user(row[1:])) for row in rows]


def _user(row: Row) -> User:
    user = dict(zip(NAMES, row, strict=True))
    return {**user, "tags": frozenset(user["tags"] or ()), "metadata": dict(user["metadata"] or {}),
            "changes": list(user["changes"] or ())}


# -- Who has an e-mail address


def claim_email(email_key: str, user_id: uuid.UUID, claim: uuid.UUID, at: datetime) -> bool:
    """Claim an address for a user; tell whether it was free.

    Released, it is free again: a claim whose answer was lost may then come late, with its old time.

    :raise OutcomeUnknown: nobody could tell
    """
    return decide(lambda: bool(_CLAIM.run(email_key=email_key, user_id=user_id, claim=claim, claimed_at=at)[0][0]),
                  lambda: _claimed(email_key, claim))


def take_over_email(email_key: str, user_id: uuid.UUID, claim: uuid.UUID, at: datetime, before: uuid.UUID) -> bool:
    """Put a claim in the place of one that was looked at; tell whether it still was there.

    :raise OutcomeUnknown: nobody could tell
    """
    cells = {"user_id": user_id, "claim": claim, "claimed_at": at}
    return decide(lambda: bool(_TAKE_OVER.run(email_key=email_key, **cells, before=before)[0][0]),
                  lambda: _claimed(email_key, claim))


def _claimed(email_key: str, claim: uuid.UUID) -> bool:
    owner = email_owner(email_key, finally_=True)
    return owner is not None and owner[1] == claim


def release_email(email_key: str, claim: uuid.UUID) -> None:
    """Give an address back, unless it has been claimed anew."""
    _RELEASE.run(email_key=email_key, claim=claim)


def give_up_email(email_key: str, claim: uuid.UUID) -> None:
    """Give an address back as ``release_email``, without waiting."""
    _RELEASE.tell(email_key=email_key, claim=claim)


def email_owner(email_key: str, *, finally_: bool = False) -> tuple[uuid.UUID, uuid.UUID, datetime] | None:
    """Tell who claimed an address: user, claim, and when."""
    rows = _OWNER.run(email_key=email_key, consistency=ConsistencyLevel.LOCAL_SERIAL if finally_ else None)
    return (rows[0][0], rows[0][1], rows[0][2]) if rows and rows[0][0] else None


def _unset(value: Any) -> Any:
    return UNSET_VALUE if value is None or value == frozenset() or value == {} else value
