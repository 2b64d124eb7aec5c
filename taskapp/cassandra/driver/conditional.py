"""Conditional writes whose answer was lost: what became of them is found out, never assumed.

A request that waits in the socket of a node that hangs is fenced by nothing, so that a write is not seen yet is no
proof that it never will be. What ends the doubt is its own condition, if that never holds again once it was false: a
version that only grows, a claim that is never given twice. Then the same write is sent again. If it is applied, or its
condition does not hold, a late one can do nothing any more, and whether the first one did is told by what it wrote.

    decide(lambda: UPDATE.run(…, expected=7)[0][0], lambda: change_id_of(8) == change.id)
"""

from collections.abc import Callable
from contextlib import suppress

from taskapp.cassandra.driver.metrics import UNKNOWN_OUTCOMES
from taskapp.cassandra.errors import DatabaseUnavailable, OutcomeUnknown

# The first one may take six tenths of the request's time (`CONDITIONAL_SHARE`), the second six tenths of the rest; what
# a third one leaves is too little to wait for a fourth.
TRIES = 3


def decide(send: Callable[[], bool], stored: Callable[[], bool], *, repeated: bool = False) -> bool:
    """Send a conditional write until somebody says what became of it; tell whether it is stored.

    False is final: neither has it been stored nor will it be, for its condition does not hold.

    :param send: sends it, always the same, and tells whether it was applied
    :param stored: looks at LOCAL_SERIAL for what this write alone can have written
    :param repeated: an earlier attempt of the same operation may have stored it
    :raise OutcomeUnknown: nobody could tell; it may be stored later, so nothing that it needs may be given back
    :raise DatabaseUnavailable: nothing was stored, nor ever will be
    """
    lost: OutcomeUnknown | None = None
    for _ in range(TRIES):
        try:
            if send():
                return _told(lost, is_stored=True)
            if lost is None and not repeated:
                return False
            return _told(lost, is_stored=stored())
        except OutcomeUnknown as error:
            lost = error
        except DatabaseUnavailable as error:
            raise _in_doubt(lost, error, repeated=repeated) from error
        with suppress(DatabaseUnavailable):
            if stored():
                return _told(lost, is_stored=True)
    assert lost is not None
    raise _in_doubt(lost, lost, repeated=repeated)


def _told(lost: OutcomeUnknown | None, *, is_stored: bool) -> bool:
    if lost is not None:
        UNKNOWN_OUTCOMES.labels("stored" if is_stored else "not_stored").inc()
    return is_stored


def _in_doubt(lost: OutcomeUnknown | None, last: Exception, *, repeated: bool) -> Exception:
    if lost is None and not repeated:
        return last
    UNKNOWN_OUTCOMES.labels("unknown").inc()
    return lost or OutcomeUnknown(str(last))
