"""Queries for tokens.

No instance's clock decides whether a token has ended. In ``tokens`` a row is inserted once, at the lowest timestamp,
and whatever removes it is newer. In ``tokens_by_user`` a row is also put at the lowest timestamp, or conditionally, and
from then on changed only conditionally, in the order of the nodes' ballots. Only ``last_use`` is written
unconditionally and by the clock: nothing else depends on it.
"""

import uuid
from datetime import datetime, timedelta
from typing import Any

from cassandra import ConsistencyLevel

from taskapp.cassandra.driver.conditional import decide
from taskapp.cassandra.mapper import UNSET, Delete, Insert, Select, Update, bind
from taskapp.features.tokens.models import Token, TokenByHash
from taskapp.kit import clock

# The lowest of all timestamps.
CREATION = 1
# An earlier release wrote tokens at the time of its clock, which may have been ahead of ours by less than this. No hash
# is used twice, so a delete dated ahead by this hides nothing written later.
CLOCKS_DIFFER = timedelta(hours=1)
# Seconds for which the operation that revoked a token is kept: as long as an Idempotency-Key, by default.
REVOKED_KEPT = 86_400
# The lowest id.
FIRST = uuid.UUID(int=0)
# What a token is created with, and loses when it ends.
_MADE = ("token_hash", "name", "scopes", "created_at", "expires_at", "epoch")

_OF_HASH = TokenByHash.objects.filter(TokenByHash.token_hash == bind("token_hash"))
_OF_USER = Token.objects.filter(Token.user_id == bind("user_id"))
_TOKEN = _OF_USER.filter(Token.token_id == bind("token_id"))
_AS_BEFORE = _TOKEN.iff(token_hash=bind("before")).ttl(bind("ttl"))
_PUT = Insert("tokens.put", TokenByHash, timestamp=CREATION, ttl=bind("ttl"))
# An UPDATE, which writes no row marker, so that nothing is left of the row when its cells are gone.
_PUT_BY_USER = Update("tokens_by_user.put", _TOKEN.timestamp(CREATION).ttl(bind("ttl")), *_MADE)
_REPLACE = Update("tokens_by_user.replace", _AS_BEFORE, *_MADE)
_FIND = Select("tokens.find", _OF_HASH)
_GET = Select("tokens_by_user.get", _TOKEN)
_LIST = Select("tokens_by_user.page", _OF_USER.filter(Token.token_id > bind("after")).limit(bind("size")))
_DELETE = Delete("tokens.delete", _OF_HASH.timestamp(bind("timestamp")))
_REVOKE = Update("tokens_by_user.revoke", _AS_BEFORE, *_MADE, "last_use", "revoked_by")
# Timestamped by the clock: of two uses, roughly the later one wins.
_USED = Update("tokens_by_user.used", _TOKEN.ttl(bind("ttl")), "last_use")


def put(token: Token, ttl: int) -> None:
    """Store a token in both tables.

    Both are written concurrently: a batch would need two nodes for its log. If only half of a token is stored, nobody
    knows its secret, since it was never returned.

    :param ttl: seconds; 0 for no expiry
    """
    held = _PUT.send(_by_hash(token), ttl=ttl)
    _PUT_BY_USER.run(**_made(token), ttl=ttl)
    held.rows()


def put_in_place(token: Token, before: Token | None, ttl: int) -> bool:
    """Store a token in place of one with the same id, or of none; return False if another write came first.

    Its secret is valid before it is listed, and the previous one ends first: whatever becomes of the rest, no secret
    that was returned to anyone is valid but not listed.

    :raise OutcomeUnknown: it is unknown whether the token was stored
    """
    _PUT.run(_by_hash(token), ttl=ttl)
    if before:
        _end(before.token_hash)
    # Null if there is no token, whether there is no row or only what a late use or a revocation left of one.
    hash_before = before.token_hash if before else None
    applied = decide(lambda: _REPLACE.applied(**_made(token), before=hash_before, ttl=ttl),
                     lambda: _hash_of(token) == token.token_hash)
    if not applied:
        _end(token.token_hash)
    return applied


def _by_hash(token: Token) -> TokenByHash:
    return TokenByHash(token_hash=token.token_hash, token_id=token.token_id, user_id=token.user_id,
                       scopes=token.scopes, expires_at=token.expires_at, epoch=token.epoch)


def _made(token: Token) -> dict[str, Any]:
    return {name: getattr(token, name) for name in ("user_id", "token_id", *_MADE)}


def find(token_hash: bytes) -> TokenByHash | None:
    """Find a token by its hash."""
    return _FIND.one(token_hash=token_hash)


def get(user_id: uuid.UUID, token_id: uuid.UUID, *, finally_: bool = False) -> Token | None:
    """Read one of a user's tokens.

    :param finally_: read it once any write in flight has completed
    """
    found = _row(user_id, token_id, ConsistencyLevel.LOCAL_SERIAL if finally_ else None)
    return found if found and found.is_whole else None


def revoked_by(user_id: uuid.UUID, token_id: uuid.UUID) -> uuid.UUID | None:
    """Return the operation that revoked a token within ``REVOKED_KEPT``."""
    found = _row(user_id, token_id, ConsistencyLevel.LOCAL_SERIAL)
    return found.revoked_by if found else None


def _row(user_id: uuid.UUID, token_id: uuid.UUID, consistency: int | None) -> Token | None:
    return _GET.one(user_id=user_id, token_id=token_id, consistency=consistency)


def _hash_of(token: Token) -> bytes | None:
    found = get(token.user_id, token.token_id, finally_=True)
    return found.token_hash if found else None


def page(user_id: uuid.UUID, after: uuid.UUID, size: int, consistency: int | None = None) -> list[Token]:
    """List the rows of a user's tokens by id, after one; those that are tokens have ``Token.is_whole``."""
    return _LIST.all(user_id=user_id, after=after, size=size, consistency=consistency)


def delete(token: Token, by: uuid.UUID | None) -> bool:
    """Remove a token from both tables: first where it is looked up, so that one no longer listed has ended.

    :param by: the operation that revokes it
    :return: False if it is by now listed with another secret
    :raise OutcomeUnknown: it is unknown whether it is still listed
    """
    _end(token.token_hash)
    cells = {**dict.fromkeys((*_MADE, "last_use")), "revoked_by": UNSET if by is None else by}
    return decide(lambda: _REVOKE.applied(user_id=token.user_id, token_id=token.token_id, before=token.token_hash,
                                          ttl=REVOKED_KEPT, **cells), lambda: _hash_of(token) is None)


def _end(token_hash: bytes) -> None:
    _DELETE.run(token_hash=token_hash, timestamp=clock.micros(clock.now() + CLOCKS_DIFFER))


def note_use(user_id: uuid.UUID, token_id: uuid.UUID, at: datetime, address: str, ttl: int) -> None:
    """Note when and from where a token was used, without waiting."""
    _USED.tell(user_id=user_id, token_id=token_id, last_use=(at, address), ttl=ttl)
