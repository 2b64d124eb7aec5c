"""The use cases of users."""

import functools
import logging
import uuid
from collections.abc import Callable, Iterable, Mapping
from typing import Any

from taskapp.cassandra.errors import DatabaseUnavailable, OutcomeUnknown
from taskapp.features.users import addresses, policies, queries
from taskapp.features.users.hashing import Hasher
from taskapp.features.users.models import User
from taskapp.features.users.schemas import READ_ONLY, UserCreate, UserPatch, UserSchema
from taskapp.kit import clock, merge_patch
from taskapp.kit.caller import BUILT_IN_USER, Caller
from taskapp.kit.email import email_key
from taskapp.kit.operation import Operation
from taskapp.kit.problem import Problem, invalid, member_error, mismatch
from taskapp.kit.validation import load_body
from taskapp.settings import Settings

log = logging.getLogger(__name__)
ATTEMPTS = 8
_REGISTRATIONS = uuid.UUID("8d0b7c35-5a0f-5a5c-b9f7-8d4a3c0a3f6e")
_CREATE, _PATCH, _DUMP = UserCreate(), UserPatch(), UserSchema()
PASSWORDS = ("password", "current_password")
# The values that null gives these members; it makes any other null.
_DEFAULTS: dict[str, Any] = {"tags": frozenset(), "metadata": {}}
_NOBODY = uuid.UUID("00000000-0000-4000-8000-000000000000")
# Open mode's user is not stored: it has no e-mail, and no password.
_BUILT_IN = User(id=BUILT_IN_USER, name="You", created_at=clock.EPOCH, admin=True, version=1)


class UserService:
    """The use cases of users.

    :ivar revokers: called with a user whose tokens must end, and the one token to keep, if any
    """

    def __init__(self, settings: Settings) -> None:
        self.hasher = Hasher(settings)
        self._open = settings.auth == "open"
        self._registration_open = settings.registration == "open"
        self.revokers: list[Callable[[uuid.UUID, uuid.UUID | None], None]] = []

    # -- Registering

    def register(self, caller: Caller | None, key: str | None, body: Any) -> tuple[User, bool]:
        """Register a user; a repeat with the same key, address and password is the same registration.

        No answer is stored for a repeat, since the request holds a password.

        :param key: the Idempotency-Key, if there was one
        :return: the user, and whether it was newly created
        :raise Problem: ``email_taken``, ``registration_closed``, ``busy``, ``invalid``
        """
        if not self._registration_open and not (caller and policies.is_admin(caller)):
            raise Problem("registration_closed", "Registration is closed; an administrator can add users.")
        sent = load_body(_CREATE, body)
        if key is None:
            return self.make(clock.new_id(), sent, admin=False), True
        user_id = _id_of_registration(key, sent["email"])
        if known := self._registered(user_id, sent):
            return known, False
        try:
            return self.make(user_id, sent, admin=False), True
        except Problem as problem:
            # A concurrent repeat of this registration may have come first.
            known = self._registered(user_id, sent) if problem.code == "email_taken" else None
            if known is None:
                raise
            return known, False

    def _registered(self, user_id: uuid.UUID, sent: dict[str, Any]) -> User | None:
        user = queries.get(user_id)
        if user is None or user.removed_at or email_key(user.email) != email_key(sent["email"]):
            return None
        if not self.hasher.checked(user.password, sent["password"])[0]:
            return None
        both = ((getattr(user, name), sent.get(name)) for name in ("name", "age", "tags", "metadata"))
        if user.version == 1 and any(is_ != was for is_, was in both if is_ or was):
            raise mismatch()
        return user

    def make(self, user_id: uuid.UUID, sent: dict[str, Any], *, admin: bool) -> User:
        """Store a new user: claim its address first, and release it if the user is certain not to be stored.

        :param sent: members of ``UserCreate``
        :raise OutcomeUnknown: it is unknown whether the user was stored
        """
        user = User(**{**sent, "id": user_id, "created_at": clock.now(), "version": 1, "admin": admin,
                       "password": self.hasher.hashed(sent["password"])})
        claim = addresses.claim(user.email, user_id)
        try:
            stored = queries.create(user, clock.new_id())
        except DatabaseUnavailable:
            claim.give_up()
            raise
        if not stored:
            # A concurrent repeat of this registration was stored first; or another request, to take over the address,
            # stored this id as removed.
            raise Problem("email_taken", "This e-mail address is already in use.")
        return user

    # -- Reading

    def get(self, caller: Caller, user_id: uuid.UUID, consistency: int | None = None) -> User:
        """Read a user that the caller may see.

        :raise Problem: ``not_found`` or ``forbidden``
        """
        policies.check_sees(caller, user_id)
        user = self.find(user_id, consistency)
        if user is None:
            raise policies.missing()
        return user

    def seen(self, caller: Caller, user_id: uuid.UUID, consistency: int | None = None) -> tuple[User, bool]:
        """Read a user whose name the caller may know; also return whether they may see the rest.

        :raise Problem: ``not_found``
        """
        user = self.find(user_id, consistency) if policies.knows(caller, user_id) else None
        if user is None:
            raise policies.missing()
        return user, policies.sees_all(caller, user_id)

    def find(self, user_id: uuid.UUID, consistency: int | None = None) -> User | None:
        """Read a user; None if it does not exist or was removed."""
        if self._open and user_id == BUILT_IN_USER:
            return _BUILT_IN
        user = queries.get(user_id, consistency)
        return None if user is None or user.removed_at else user

    def with_email(self, email: str) -> User | None:
        """Return the user with an e-mail address, if there is one."""
        owner = queries.email_owner(email_key(email))
        user = self.find(owner.user_id) if owner else None
        # A claim without its user, or of an earlier address, is about to be released.
        return user if user and email_key(user.email) == email_key(email) else None

    def names(self, user_ids: Iterable[uuid.UUID], consistency: int | None = None) -> dict[uuid.UUID, str]:
        """Return the names of those users that exist."""
        asked = [queries.ask(user_id, consistency) for user_id in user_ids
                 if not self._open or user_id != BUILT_IN_USER]
        named = {user.id: user.name for user in (each.one() for each in asked) if user and not user.removed_at}
        return {_BUILT_IN.id: _BUILT_IN.name, **named} if self._open else named

    def check_password(self, email: str, password: str) -> User | None:
        """Return the user with this address and password; an unknown address takes as long as a wrong password."""
        owner = queries.email_owner(email_key(email))
        # An unknown address costs the same reads.
        user = self.find(owner.user_id if owner else _NOBODY)
        if user and email_key(user.email) != email_key(email):
            user = None
        right, anew = self.hasher.checked(user.password if user else None, password)
        if not user or not right or user.disabled:
            return None
        if anew:
            # If another change comes first, the new hash waits for the next login.
            _afterwards(functools.partial(queries.update, user, user.replace(password=anew), clock.new_id()))
        return user

    # -- Changing

    def patch(self, caller: Caller, user_id: uuid.UUID, body: Any, operation: Operation) -> User:
        """Change the members that were sent (RFC 7396), unless an earlier attempt already has.

        :raise Problem: ``not_found``, ``email_taken``, ``wrong_password``, ``contention``, ``read_only``, ``invalid``
        :raise OutcomeUnknown: it is unknown whether the change was stored
        """
        sent = merge_patch.read(_PATCH, body, READ_ONLY)
        if _done(operation, user_id):
            return self.get(caller, user_id)
        for _ in range(ATTEMPTS):
            old = self._stored(caller, user_id)
            merge_patch.check_read_only(sent, _DUMP.dump(old))
            members = {name: value for name, value in sent.members.items() if name not in PASSWORDS}
            new = old.replace(**merge_patch.merged(_PATCH, old, members, _DEFAULTS),
                              **self._with_password(caller, old, sent.members))
            if new == old:
                return old
            if self._store(old, new, operation):
                if new.password != old.password:
                    self._revoke(user_id, keep=caller.token_id)
                return new
        raise Problem("contention", "Too many concurrent changes to the user.", headers={"Retry-After": "1"})

    def _stored(self, caller: Caller, user_id: uuid.UUID) -> User:
        user = self.get(caller, user_id)
        if user is _BUILT_IN:
            raise Problem("not_stored", "The user of open mode is built in and cannot be changed.")
        return user

    def _store(self, old: User, new: User, operation: Operation) -> bool:
        update = functools.partial(queries.update, old, new, operation.change_id, repeated=operation.repeated)
        if email_key(new.email) == email_key(old.email):
            return update()
        left, claim = addresses.held(old.email, old.id), addresses.claim(new.email, new.id)
        try:
            stored = update()
        except DatabaseUnavailable:
            claim.give_up()
            raise
        if stored:
            _afterwards(functools.partial(addresses.release, old.email, left))
        return stored

    def _with_password(self, caller: Caller, old: User, sent: Mapping[str, Any]) -> dict[str, Any]:
        """Compute what a new password changes; users who change their own must send the current one."""
        new, current = sent.get("password"), sent.get("current_password")
        if new is None:
            if current is not None:
                raise invalid([member_error("/current_password", "Only allowed with a new password.")])
            return {}
        if caller.user_id == old.id:
            if current is None:
                raise invalid([member_error("/current_password", "Required with a new password.")])
            if not self.hasher.checked(old.password, current)[0]:
                raise Problem("wrong_password", "The current password is incorrect.")
        kept = caller.token_id if caller.user_id == old.id else None
        return {"password": self.hasher.hashed(new), "epoch": clock.new_id(), "kept_token": kept}

    def remove(self, caller: Caller, user_id: uuid.UUID, operation: Operation) -> None:
        """Remove a user: all tokens end, and the address is free again; ``User`` says what remains.

        :raise Problem: ``not_found``, ``contention``
        :raise OutcomeUnknown: it is unknown whether the removal was stored
        """
        if _done(operation, user_id):
            return
        for _ in range(ATTEMPTS):
            old = self._stored(caller, user_id)
            claim = addresses.held(old.email, user_id)
            gone = User(id=user_id, removed_at=clock.now())
            if queries.update(old, gone, operation.change_id, repeated=operation.repeated):
                _afterwards(functools.partial(addresses.release, old.email, claim))
                self._revoke(user_id, keep=None)
                return
        raise Problem("contention", "Too many concurrent changes to the user.", headers={"Retry-After": "1"})

    def set_admin(self, user: User, admin: bool) -> bool:
        """Make a user an administrator, or no longer one: their tokens end, since they may do more than the user.

        :return: whether no other change came first
        """
        ended = {} if admin else {"epoch": clock.new_id(), "kept_token": None}
        return queries.update(user, user.replace(admin=admin, **ended), clock.new_id())

    def set_disabled(self, user: User, disabled: bool) -> bool:
        """Keep a user from logging in, and end their tokens; or let them log in again.

        :return: whether no other change came first
        """
        new = user.replace(disabled=disabled, epoch=clock.new_id(), kept_token=None)
        return queries.update(user, new, clock.new_id())

    def _revoke(self, user_id: uuid.UUID, keep: uuid.UUID | None) -> None:
        # The tokens have already ended, by the user's epoch or with the user.
        for revoke in self.revokers:
            _afterwards(functools.partial(revoke, user_id, keep))


def _id_of_registration(key: str, email: str) -> uuid.UUID:
    """Derive a registration's user id from its key and address; the id of a removed user is not reused."""
    user_id = uuid.uuid5(_REGISTRATIONS, f"{key} {email_key(email)}")
    while (user := queries.get(user_id)) and user.removed_at:
        user_id = uuid.uuid5(user_id, "again")
    return user_id


def _done(operation: Operation, user_id: uuid.UUID) -> bool:
    """Return whether an earlier attempt of an operation, whose answer was not kept, already changed the user."""
    return operation.repeated and queries.landed(user_id, operation.change_id)


def _afterwards(tidy: Callable[[], object]) -> None:
    """Clean up after a stored change; a failure here must not suggest that the change was not stored."""
    try:
        tidy()
    except (DatabaseUnavailable, OutcomeUnknown) as error:
        log.warning("not tidied up after a change of a user", extra={"error": str(error)})
