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

from taskapp.cassandra.driver.conditional import decide
from taskapp.cassandra.mapper import UNSET, Delete, Insert, Select, Update, bind
from taskapp.features.tokens.models import Token, TokenByHash
from taskapp.kit import clock

# Of all timestamps the lowest.
CREATION = 1
# A release before this one put tokens at the time of its clock, which may have been ahead of ours by less than this. No
# hash is given twice, so nothing that comes later is hidden.
CLOCKS_DIFFER = timedelta(hours=1)
# Seconds for which it is kept who revoked a token, as long as an Idempotency-Key.
REVOKED_KEPT = 86_400
# The least id there is.
FIRST = uuid.UUID(int=0)
# What a token is made with, and loses when it ends.
_MADE = ("token_hash", "name", "scopes", "created_at", "expires_at", "epoch")

_OF_HASH = TokenByHash.objects.filter(TokenByHash.token_hash == bind("token_hash"))
_OF_USER = Token.objects.filter(Token.user_id == bind("user_id"))
_TOKEN = _OF_USER.filter(Token.token_id == bind("token_id"))
_AS_BEFORE = _TOKEN.iff(token_hash=bind("before")).ttl(bind("ttl"))
_PUT = Insert("tokens.put", TokenByHash, timestamp=CREATION, ttl=bind("ttl"))
# An update, so that nothing is left of the row when its cells are gone.
_PUT_BY_USER = Update("tokens_by_user.put", _TOKEN.timestamp(CREATION).ttl(bind("ttl")), *_MADE)
_REPLACE = Update("tokens_by_user.replace", _AS_BEFORE, *_MADE)
_FIND = Select("tokens.find", _OF_HASH)
_GET = Select("tokens_by_user.get", _TOKEN)
_LIST = Select("tokens_by_user.page", _OF_USER.filter(Token.token_id > bind("after")).limit(bind("size")))
_DELETE = Delete("tokens.delete", _OF_HASH.timestamp(bind("timestamp")))
_REVOKE = Update("tokens_by_user.revoke", _AS_BEFORE, *_MADE, "last_use", "revoked_by")
# At the time of the clock: of two uses about the later one stays.
_USED = Update("tokens_by_user.used", _TOKEN.ttl(bind("ttl")), "last_use")


def put(token: Token, ttl: int) -> None:
    """Store a token in both tables.

    Side by side: a batch would need two nodes for its log. Of a token that only half was stored of nobody knows the
    secret, since it was not answered.

    :param ttl: seconds; 0 for ever
    """
    held = _PUT.send(_by_hash(token), ttl=ttl)
    _PUT_BY_USER.run(**_made(token), ttl=ttl)
    held.rows()


def put_in_place(token: Token, before: Token | None, ttl: int) -> bool:
    """Store a token in the place of one with the same id, or of none; tell whether nobody else did meanwhile.

    Its secret is good before it is listed, and the one before ends first: whatever becomes of the rest, no secret that
    somebody was told is good and not listed.

    :raise OutcomeUnknown: nobody could tell
    """
    _PUT.run(_by_hash(token), ttl=ttl)
    if before:
        _end(before.token_hash)
    # Null where there is none, be there no row or what a late use or a revocation left of one.
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

    :param finally_: after whatever write is under way has ended
    """
    found = _row(user_id, token_id, ConsistencyLevel.LOCAL_SERIAL if finally_ else None)
    return found if found and found.is_whole else None


def revoked_by(user_id: uuid.UUID, token_id: uuid.UUID) -> uuid.UUID | None:
    """Tell the operation that revoked a token of late."""
    found = _row(user_id, token_id, ConsistencyLevel.LOCAL_SERIAL)
    return found.revoked_by if found else None


def _row(user_id: uuid.UUID, token_id: uuid.UUID, consistency: int | None) -> Token | None:
    return _GET.one(user_id=user_id, token_id=token_id, consistency=consistency)


def _hash_of(token: Token) -> bytes | None:
    found = get(token.user_id, token.token_id, finally_=True)
    return found.token_hash if found else None


def page(user_id: uuid.UUID, after: uuid.UUID, size: int, consistency: int | None = None) -> list[Token]:
    """List the rows of a user's tokens by their ids, after one; ``Token.is_whole`` tells those that are there."""
    return _LIST.all(user_id=user_id, after=after, size=size, consistency=consistency)


def delete(token: Token, by: uuid.UUID | None) -> bool:
    """Remove a token from both tables: where it is found first, so that one which is listed no more has ended.

    :param by: the operation that revokes it
    :return: False if it is listed with another secret by now
    :raise OutcomeUnknown: nobody could tell whether it is listed still
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
