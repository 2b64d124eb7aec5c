"""What the database is asked about tokens.

No clock of an instance decides whether a token has ended. In ``tokens`` a row is put once, at the lowest timestamp, and
whatever removes it is newer. In ``tokens_by_user`` a row is put at the lowest timestamp, too, or on a condition, and
changed on conditions from then on, in the order of the nodes' ballots. Only ``last_use`` is written plainly, and by the
clock: it tells nothing but itself.
"""

import uuid
from datetime import datetime, timedelta
from typing import Any

from cassandra import ConsistencyLevel
from cassandra.query import UNSET_VALUE

from taskapp.cassandra.conditional import decide
from taskapp.cassandra.statement import Statement
from taskapp.kit import clock

Token = dict[str, Any]
# Of all timestamps the lowest.
CREATION = 1
# A release before this one put tokens at the time of its clock, which may have been ahead of ours by less than this. No
# hash is given twice, so nothing that comes later is hidden.
CLOCKS_DIFFER = timedelta(hours=1)
# Seconds for which it is kept who revoked a token, as long as an Idempotency-Key.
REVOKED_KEPT = 86_400
_HELD = ["token_id", "user_id", "scopes", "expires_at", "epoch"]
NAMES = ["user_id", "token_id", "token_hash", "name", "scopes", "created_at", "expires_at", "epoch"]
LISTED = [*NAMES, "last_use", "revoked_by"]
_CHANGED = [name for name in NAMES if name not in ("user_id", "token_id")]
_SET = ", ".join(f"{name} = :{name}" for name in _CHANGED)
_KEY = "user_id = :user_id AND token_id = :token_id"

_PUT = Statement("tokens.put", f"INSERT INTO $ks.tokens (token_hash, {', '.join(_HELD)}) VALUES (:token_hash, "
                 f"{', '.join(':' + name for name in _HELD)}) USING TIMESTAMP {CREATION} AND TTL :ttl")
# An update, so that nothing is left of the row when its cells are gone.
_PUT_BY_USER = Statement("tokens_by_user.put", "UPDATE $ks.tokens_by_user "
                         f"USING TIMESTAMP {CREATION} AND TTL :ttl SET {_SET} WHERE {_KEY}")
_REPLACE = Statement("tokens_by_user.replace", f"UPDATE $ks.tokens_by_user USING TTL :ttl SET {_SET} WHERE {_KEY} "
                     "IF token_hash = :before", idempotent=False)
_FIND = Statement("tokens.find", f"SELECT {', '.join(_HELD)} FROM $ks.tokens WHERE token_hash = :token_hash")
_GET = Statement("tokens_by_user.get", f"SELECT {', '.join(LISTED)} FROM $ks.tokens_by_user WHERE {_KEY}")
_LIST = Statement("tokens_by_user.page", f"SELECT {', '.join(LISTED)} FROM $ks.tokens_by_user "
                  "WHERE user_id = :user_id AND token_id > :after LIMIT :size")
_DELETE = Statement("tokens.delete", "DELETE FROM $ks.tokens USING TIMESTAMP :timestamp WHERE token_hash = :token_hash")
_REVOKE = Statement("tokens_by_user.revoke", "UPDATE $ks.tokens_by_user USING TTL :ttl SET "
                    f"{', '.join(f'{name} = null' for name in [*_CHANGED, 'last_use'])}, revoked_by = :revoked_by "
                    f"WHERE {_KEY} IF token_hash = :token_hash", idempotent=False)
# At the time of the clock: of two uses about the later one stays.
_USED = Statement("tokens_by_user.used", "UPDATE $ks.tokens_by_user USING TTL :ttl SET last_use = :last_use "
                  f"WHERE {_KEY}")
# The least id there is.
FIRST = uuid.UUID(int=0)


def put(token: Token, ttl: int) -> None:
    """Store a token in both tables.

    Side by side: a batch would need two nodes for its log. Of a token that only half was stored of nobody knows the
    secret, since it was not answered.

    :param ttl: seconds; 0 for ever
    """
    held = _PUT.send(token_hash=token["token_hash"], **{name: token[name] for name in _HELD}, ttl=ttl)
    _PUT_BY_USER.run(**{name: token[name] for name in NAMES}, ttl=ttl)
    held.rows()


def put_in_place(token: Token, before: Token | None, ttl: int) -> bool:
    """Store a token in the place of one with the same id, or of none; tell whether nobody else did meanwhile.

    Its secret is good before it is listed, and the one before ends first: whatever becomes of the rest, no secret that
    somebody was told is good and not listed.

    :raise OutcomeUnknown: nobody could tell
    """
    _PUT.run(token_hash=token["token_hash"], **{name: token[name] for name in _HELD}, ttl=ttl)
    if before:
        _end(before["token_hash"])
    cells = {name: token[name] for name in NAMES}
    # Null where there is none, be there no row or what a late use or a revocation left of one.
    hash_before = before["token_hash"] if before else None
    applied = decide(lambda: bool(_REPLACE.run(**cells, before=hash_before, ttl=ttl)[0][0]),
                     lambda: _hash_of(token) == token["token_hash"])
    if not applied:
        _end(token["token_hash"])
    return applied


def find(token_hash: bytes) -> Token | None:
    """Find a token by its hash: id, user, scopes, and when it expires."""
    rows = _FIND.run(token_hash=token_hash)
    return dict(zip(_HELD, rows[0], strict=True)) if rows else None


def get(user_id: uuid.UUID, token_id: uuid.UUID, *, finally_: bool = False) -> Token | None:
    """Read one of a user's tokens.

    :param finally_: after whatever write is under way has ended
    """
    found = _row(user_id, token_id, ConsistencyLevel.LOCAL_SERIAL if finally_ else None)
    return found if found and is_whole(found) else None


def revoked_by(user_id: uuid.UUID, token_id: uuid.UUID) -> uuid.UUID | None:
    """Tell the operation that revoked a token of late."""
    found = _row(user_id, token_id, ConsistencyLevel.LOCAL_SERIAL)
    return found["revoked_by"] if found else None


def _row(user_id: uuid.UUID, token_id: uuid.UUID, consistency: int | None) -> Token | None:
    rows = _GET.run(user_id=user_id, token_id=token_id, consistency=consistency)
    return dict(zip(LISTED, rows[0], strict=True)) if rows else None


def _hash_of(token: Token) -> bytes | None:
    found = get(token["user_id"], token["token_id"], finally_=True)
    return bytes(found["token_hash"]) if found else None


def page(user_id: uuid.UUID, after: uuid.UUID, size: int, consistency: int | None = None) -> list[Token]:
    """List the rows of a user's tokens by their ids, after one; ``is_whole`` tells those that are there."""
    rows = _LIST.run(user_id=user_id, after=after, size=size, consistency=consistency)
    return [dict(zip(LISTED, row, strict=True)) for row in rows]


def is_whole(token: Token) -> bool:
    """Tell a token from what a revocation leaves, or a use that was noted meanwhile: a row with nothing but that."""
    return token["created_at"] is not None


def delete(token: Token, by: uuid.UUID | None) -> bool:
    """Remove a token from both tables: where it is found first, so that one which is listed no more has ended.

    :param by: the operation that revokes it
    :return: False if it is listed with another secret by now
    :raise OutcomeUnknown: nobody could tell whether it is listed still
    """
    _end(token["token_hash"])
    key = {name: token[name] for name in ("user_id", "token_id", "token_hash")}
    revoker = UNSET_VALUE if by is None else by
    return decide(lambda: bool(_REVOKE.run(**key, revoked_by=revoker, ttl=REVOKED_KEPT)[0][0]),
                  lambda: _hash_of(token) is None)


def _end(token_hash: bytes) -> None:
    _DELETE.run(token_hash=token_hash, timestamp=clock.micros(clock.now() + CLOCKS_DIFFER))


def note_use(user_id: uuid.UUID, token_id: uuid.UUID, at: datetime, address: str, ttl: int) -> None:
    """Note when and from where a token was used, without waiting."""
    _USED.tell(user_id=user_id, token_id=token_id, last_use=(at, address), ttl=ttl)
