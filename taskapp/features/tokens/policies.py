"""Who may create and revoke which token."""

from taskapp.kit.caller import Caller
from taskapp.kit.problem import Problem

WRITE = "account:write"


def check_may_manage(caller: Caller) -> None:
    """Check that a caller may manage their own tokens with the one that was sent.

    :raise Problem: ``insufficient_scope``
    """
    if WRITE not in caller.scopes:
        raise Problem("insufficient_scope", f"The token lacks the scope {WRITE}.")


def check_not_beyond(scopes: frozenset[str], own: frozenset[str]) -> None:
    """Check that a token is given no scope that its creator lacks.

    :raise Problem: ``insufficient_scope``
    """
    if beyond := sorted(scopes - own):
        raise Problem("insufficient_scope", f"Cannot grant scopes you do not hold: {', '.join(beyond)}.")
