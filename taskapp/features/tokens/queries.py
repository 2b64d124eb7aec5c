"""What the database is asked about tokens."""

import uuid
from datetime import datetime
from typing import Any

from taskapp.cassandra.statement import Statement

Token = dict[str, Any]
_HELD = ["token_id", "user_id", "scopes", "expires_at", "epoch"]
NAMES = ["user_id", "token_id", "token_hash", "name", "scopes", "created_at", "expires_at", "epoch"]
LISTED = [*NAMES, "last_use"]

_PUT = Statement("tokens.put", f"INSERT INTO $ks.tokens (token_hash, {', '.join(_HELD)}) "
                 f"VALUES (:token_hash, {', '.join(':' + name for name in _HELD)}) USING TTL :ttl")
_PUT_BY_USER = Statement("tokens_by_user.put", f"INSERT INTO $ks.tokens_by_user ({', '.join(NAMES)}) "
                         f"VALUES ({', '.join(':' + name for name in NAMES)}) USING TTL :ttl")
_CHANGED = [name for name in NAMES if name not in ("user_id", "token_id")]
_REPLACE = Statement("tokens_by_user.replace", "UPDATE $ks.tokens_by_user USING TTL :ttl "
                     f"SET {', '.join(f'{name} = :{name}' for name in _CHANGED)} "
                     "WHERE user_id = :user_id AND token_id = :token_id IF token_hash = :before", idempotent=False)
_FIND = Statement("tokens.find", f"SELECT {', '.join(_HELD)} FROM $ks.tokens WHERE token_hash = :token_hash")
_GET = Statement("tokens_by_user.get", f"SELECT {', '.join(LISTED)} FROM $ks.tokens_by_user "
                 "WHERE user_id = :user_id AND token_id = :token_id")
_LIST = Statement("tokens_by_user.page", f"SELECT {', '.join(LISTED)} FROM $ks.tokens_by_user "
                  "WHERE user_id = :user_id AND token_id > :after LIMIT :size")
_DELETE = Statement("tokens.delete", "DELETE FROM $ks.tokens WHERE token_hash = :token_hash")
_DELETE_BY_USER = Statement("tokens_by_user.delete", "DELETE FROM $ks.tokens_by_user WHERE user_id = :user_id "
                            "AND token_id = :token_id")
_USED = Statement("tokens_by_user.used", "UPDATE $ks.tokens_by_user USING TTL :ttl SET last_use = :last_use "
                  "WHERE user_id = :user_id AND token_id = :token_id")
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

    Its secret is good before it is listed: if this ends in between, nobody has been told the secret.
    """
    _PUT.run(token_hash=token["token_hash"], **{name: token[name] for name in _HELD}, ttl=ttl)
    cells = {name: token[name] for name in NAMES}
    # Null where there is none, be there no row or what a late use left of one.
    applied = bool(_REPLACE.run(**cells, before=before["token_hash"] if before else None, ttl=ttl)[0][0])
    if before or not applied:
        _DELETE.run(token_hash=before["token_hash"] if before and applied else token["token_hash"])
    return applied


def find(token_hash: bytes) -> Token | None:
    """Find a token by its hash: id, user, scopes, and when it expires."""
    rows = _FIND.run(token_hash=token_hash)
    return dict(zip(_HELD, rows[0], strict=True)) if rows else None


def get(user_id: uuid.UUID, token_id: uuid.UUID) -> Token | None:
    """Read one of a user's tokens."""
    found = [dict(zip(LISTED, row, strict=True)) for row in _GET.run(user_id=user_id, token_id=token_id)]
    return next(filter(is_whole, found), None)


def page(user_id: uuid.UUID, after: uuid.UUID, size: int, consistency: int | None = None) -> list[Token]:
    """List the rows of a user's tokens by their ids, after one; ``is_whole`` tells those that are there."""
    rows = _LIST.run(user_id=user_id, after=after, size=size, consistency=consistency)
    return [dict(zip(LISTED, row, strict=True)) for row in rows]


def is_whole(token: Token) -> bool:
    """Tell a token from what a use leaves that was noted while the token was revoked: a row with nothing but that."""
    return token["created_at"] is not None


def delete(token: Token) -> None:
    """Remove a token from both tables: where it is found first, so that one which is listed no more has ended."""
    _DELETE.run(token_hash=token["token_hash"])
    _DELETE_BY_USER.run(user_id=token["user_id"], token_id=token["token_id"])


def note_use(user_id: uuid.UUID, token_id: uuid.UUID, at: datetime, address: str, ttl: int) -> None:
    """Note when and from where a token was used, without waiting."""
    _USED.tell(user_id=user_id, token_id=token_id, last_use=(at, address), ttl=ttl)
