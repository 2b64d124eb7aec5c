"""Conditional writes whose answer was lost: their outcome is determined, never assumed.

Nothing fences a request that waits in the socket of a hung node, so a write that is not visible yet is no proof that
it never will be. What settles it is the write's own condition, if that never holds again once it was false: a version
that only grows, a claim that is never given twice. Then the same write is sent again. If it is applied, or its
condition does not hold, a late copy can do nothing any more, and whether the first was applied shows in what it wrote.

    decide(lambda: UPDATE.run(…, expected=7)[0][0], lambda: change_id_of(8) == change.id)
"""

from collections.abc import Callable
from contextlib import suppress

from taskapp.cassandra.driver.metrics import UNKNOWN_OUTCOMES
from taskapp.cassandra.errors import DatabaseUnavailable, OutcomeUnknown

# The first may take six tenths of the request's time (`CONDITIONAL_SHARE`), the second six tenths of the rest; what a
# third leaves is too little to wait for a fourth.
TRIES = 3


def decide(send: Callable[[], bool], stored: Callable[[], bool], *, repeated: bool = False) -> bool:
    """Send a conditional write until its outcome is known; return whether it is stored.

    False is final: it was not stored and never will be, because its condition does not hold.

    :param send: sends it, always the same, and returns whether it was applied
    :param stored: checks at LOCAL_SERIAL for what only this write can have written
    :param repeated: an earlier attempt of the same operation may have stored it
    :raise OutcomeUnknown: it may be stored, even later, so nothing that it needs may be given back
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
