"""Administrators: created by the operator, not through the API."""

from collections.abc import Callable, Iterator
from typing import Any

from taskapp.features.users import queries
from taskapp.features.users.models import User
from taskapp.features.users.schemas import UserCreate
from taskapp.features.users.service import ATTEMPTS, UserService
from taskapp.kit import clock
from taskapp.kit.caller import BUILT_IN_USER
from taskapp.kit.email import email_key
from taskapp.kit.fields import parse_id
from taskapp.kit.problem import Problem
from taskapp.kit.validation import load_body

# Users read at a time.
_PAGE = 200


def make_admin(service: UserService, email: str, name: str, ask_password: Callable[[], Any], *, with_open_tasks: bool
               ) -> tuple[User, bool]:
    """Make the user with an address an administrator, or register one.

    :param with_open_tasks: register the new user as that of open mode, with its tasks
    :return: the user, and whether it was newly created
    :raise Problem: ``invalid``, ``email_taken``, ``contention``
    """
    for _ in range(ATTEMPTS):
        user = _by_address(email)
        if user is None:
            break
        if with_open_tasks and user.id != BUILT_IN_USER:
            raise Problem("email_taken", "This user exists and has tasks of their own; the tasks of open mode can be "
                          "given to a new one only.")
        if user.admin or service.set_admin(user, True):
            return user, False
    else:
        raise Problem("contention", "Too many concurrent changes to the user.")
    sent = load_body(UserCreate(), {"name": name, "email": email, "password": ask_password()})
    if with_open_tasks and queries.get(BUILT_IN_USER):
        raise Problem("email_taken", "The tasks of open mode were given to a user before.")
    return service.make(BUILT_IN_USER if with_open_tasks else clock.new_id(), sent, admin=True), True


def find(who: str) -> User:
    """Return the user with an e-mail address, or an id.

    :raise Problem: ``not_found``
    """
    user_id = parse_id(who)
    user = queries.get_finally(user_id) if user_id else _by_address(who)
    if user is None or user.removed_at:
        raise Problem("not_found", f"There is no user {who}.")
    return user


def everyone() -> Iterator[User]:
    """Yield all users, in no meaningful order, page by page."""
    after: int | None = None
    while found := queries.page(after, _PAGE):
        yield from (user for user, _ in found if user.version and not user.removed_at)
        after = found[-1][1]


def changed(who: str, change: Callable[[User], bool]) -> User:
    """Apply a change to a user, again if another came first; return the user as it is then.

    :raise Problem: ``not_found``, ``contention``
    """
    for _ in range(ATTEMPTS):
        if change(find(who)):
            return find(who)
    raise Problem("contention", "Too many concurrent changes to the user.")


def _by_address(email: str) -> User | None:
    owner = queries.email_owner(email_key(email))
    user = queries.get_finally(owner.user_id) if owner else None
    return user if user and user.email and email_key(user.email) == email_key(email) else None
