"""The use cases of tokens: creating them, authenticating by them, revoking them."""

import hashlib
import secrets
import threading
import uuid
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

from cachetools import TTLCache

from taskapp.features.tokens import policies, queries
from taskapp.features.tokens.models import Token, TokenByHash
from taskapp.features.tokens.schemas import MAX_EXPIRY, TokenCreate
from taskapp.kit import clock
from taskapp.kit.caller import Caller, grantable
from taskapp.kit.operation import Operation
from taskapp.kit.problem import Problem, in_flight, mismatch
from taskapp.kit.trust import TRUST_SECONDS, Trust
from taskapp.kit.validation import load_body
from taskapp.settings import Settings

if TYPE_CHECKING:
    from taskapp.features.users import User, UserService

# Lets secret scanners find tokens in published code.
PREFIX = "taskapp_"
SECRET_BYTES = 32
MAX_NOTED = 10_000
USE_SECONDS = 60.0
# Seconds by which rows outlive their token, so that its end is always decided by ``expires_at``.
MARGIN = 60
USE_KEPT = 365 * 86_400
_KEYED = uuid.UUID("b3bb9d8e-3df8-5c3e-9a57-0e3a4c1f7d21")
_CREATE = TokenCreate()


class TokenService:
    """The use cases of tokens."""

    def __init__(self, settings: Settings, users: "UserService") -> None:
        self._users = users
        self._days = settings.token_days
        self._lock = threading.Lock()
        self._trusted: Trust[tuple[Caller, datetime | None]] = Trust(TRUST_SECONDS)
        self._noted: TTLCache[uuid.UUID, bool] = TTLCache(MAX_NOTED, USE_SECONDS)
        users.revokers.append(self.revoke_all)

    # -- Making

    def make(self, caller: Caller | None, key: str | None, body: Any) -> tuple[Token, str]:
        """Log in with e-mail and password, or create another token for a caller who has one.

        A repeat with the same Idempotency-Key gives the same token a new secret.

        :return: the token, and its secret, which is not stored
        :raise Problem: ``unauthorized``, ``insufficient_scope``, ``busy``, ``invalid``
        """
        sent = load_body(_CREATE, body)
        user_id, most, epoch = self._who(caller, sent)
        scopes = sent.get("scopes", most)
        policies.check_not_beyond(scopes, most)
        at, secret = clock.now(), PREFIX + secrets.token_urlsafe(SECRET_BYTES)
        lifetime = sent.get("expires_in", self._days * 86_400)
        token = Token(user_id=user_id, token_id=uuid.uuid5(_KEYED, f"{user_id} {key}") if key else clock.new_id(),
                      token_hash=_hash(secret), name=sent.get("name"), scopes=scopes, created_at=at, epoch=epoch,
                      expires_at=at + timedelta(seconds=lifetime) if lifetime else None)
        self._store(token, min(lifetime + MARGIN, MAX_EXPIRY) if lifetime else 0, keyed=key is not None)
        if "email" not in sent and caller and not self._still_there(caller):
            # The caller's token was revoked meanwhile, and must leave nothing behind.
            self._end(token)
            raise _ended()
        return token, secret

    def _store(self, token: Token, ttl: int, *, keyed: bool) -> None:
        if not keyed:
            queries.put(token, ttl)
            return
        before = queries.get(token.user_id, token.token_id)
        if before and any(_asked(before, name) != _asked(token, name) for name in ("name", "scopes", "lifetime")):
            raise mismatch()
        if not queries.put_in_place(token, before, ttl):
            raise in_flight()

    def _still_there(self, caller: Caller) -> bool:
        return caller.token_id is not None and queries.get(caller.user_id, caller.token_id) is not None

    def _who(self, caller: Caller | None, sent: dict[str, Any]) -> tuple[uuid.UUID, frozenset[str], uuid.UUID | None]:
        """Return whose the new token is, the scopes it may have at most, and the epoch of its user."""
        if "email" in sent:
            user = self._users.check_password(sent["email"], sent["password"])
            if user is None:
                raise Problem("unauthorized", "The e-mail address or the password is wrong.",
                              headers={"WWW-Authenticate": "Bearer"})
            return user.id, grantable(admin=bool(user.admin)), user.epoch
        if caller is None:
            raise Problem("unauthorized", "Send `email` and `password`, or a bearer token.",
                          headers={"WWW-Authenticate": "Bearer"})
        if caller.token_id is None:
            raise Problem("not_stored", "The user of open mode needs no token; send `email` and `password`.")
        policies.check_may_manage(caller)
        # The cache is not trusted here: tokens created with this one outlive it.
        token, user = queries.get(caller.user_id, caller.token_id), self._users.find(caller.user_id)
        if token is None or user is None or not _of_epoch(token, user):
            raise _ended()
        return caller.user_id, caller.scopes, user.epoch

    # -- Using

    def authenticate(self, secret: str, address: str) -> Caller | None:
        """Return the caller that a token stands for; None if it is unknown, revoked or expired."""
        token_hash = _hash(secret)
        caller, expires_at = self._trusted.find(token_hash) or self._look_up(token_hash)
        if caller is None or (expires_at and expires_at <= clock.now()):
            return None
        self._note(caller, expires_at, address)
        return caller

    def _look_up(self, token_hash: bytes) -> tuple[Caller | None, datetime | None]:
        began = self._trusted.begin()
        token = queries.find(token_hash)
        user = self._users.find(token.user_id) if token else None
        if token is None or user is None or not _of_epoch(token, user):
            return None, None
        scopes = token.scopes & grantable(admin=bool(user.admin))
        caller = Caller(token.user_id, scopes, token.token_id)
        self._trusted.keep(token_hash, began, (caller, token.expires_at))
        return caller, token.expires_at

    def _note(self, caller: Caller, expires_at: datetime | None, address: str) -> None:
        assert caller.token_id is not None
        with self._lock:
            if caller.token_id in self._noted:
                return
            self._noted[caller.token_id] = True
        at = clock.now()
        left = int((expires_at - at).total_seconds()) + MARGIN if expires_at else USE_KEPT
        queries.note_use(caller.user_id, caller.token_id, at, address, min(left, USE_KEPT))

    # -- Looking after

    def page(self, caller: Caller, after: uuid.UUID, size: int, consistency: int | None) -> list[Token]:
        """List up to ``size`` of the caller's tokens by id, after one."""
        user, found = self._users.find(caller.user_id, consistency), list[Token]()
        while user and len(found) < size:
            rows = queries.page(caller.user_id, after, size, consistency)
            found += [row for row in rows if row.is_whole and _of_epoch(row, user)]
            if len(rows) < size:
                break
            after = rows[-1].token_id
        return found[:size]

    def revoke(self, caller: Caller, token_id: uuid.UUID, operation: Operation) -> None:
        """Revoke one of the caller's tokens; a repeat succeeds if an earlier attempt revoked it.

        :raise Problem: ``not_found``, ``insufficient_scope``
        :raise OutcomeUnknown: it is unknown whether it is still listed; it has ended
        """
        if token_id != caller.token_id:
            policies.check_may_manage(caller)
        token = queries.get(caller.user_id, token_id)
        if token is not None:
            self._end(token, operation.change_id)
        elif not operation.repeated or queries.revoked_by(caller.user_id, token_id) != operation.change_id:
            raise Problem("not_found", "Token not found")

    def revoke_all(self, user_id: uuid.UUID, keep: uuid.UUID | None) -> None:
        """Revoke all tokens of a user except ``keep``."""
        after = queries.FIRST
        while tokens := queries.page(user_id, after, 100):
            for token in tokens:
                if token.token_id != keep and token.is_whole:
                    self._end(token)
            after = tokens[-1].token_id

    def _end(self, token: Token, by: uuid.UUID | None = None) -> None:
        ending: Token | None = token
        while ending is not None:
            ended = queries.delete(ending, by)
            self._trusted.forget(ending.token_hash)
            # A repeat with its Idempotency-Key may have given it a new secret meanwhile, which must end as well.
            ending = None if ended else queries.get(token.user_id, token.token_id, finally_=True)


def _of_epoch(token: Token | TokenByHash, user: "User") -> bool:
    """Return whether a token is of its user's current epoch, or the one kept when the password last changed."""
    return token.epoch == user.epoch or token.token_id == user.kept_token


def _asked(token: Token, name: str) -> Any:
    """Return a property that a token was requested with."""
    if name == "lifetime":
        return token.expires_at and token.expires_at - token.created_at
    return getattr(token, name)


def _ended() -> Problem:
    return Problem("unauthorized", "The token is unknown, revoked or expired.",
                   headers={"WWW-Authenticate": 'Bearer error="invalid_token"'})


def _hash(secret: str) -> bytes:
    return hashlib.sha256(secret.encode()).digest()
