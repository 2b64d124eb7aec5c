"""A conditional write is sent until somebody says what became of it; what cannot be known is never said.

Red when "not seen" is taken for "not stored", when a write that was never answered is not sent again, or when one that
was lost ends as "unavailable", by which its caller would give back what it needs.
"""

from collections.abc import Callable, Iterable
from typing import Any

import pytest

from taskapp.cassandra.driver.conditional import TRIES, decide
from taskapp.cassandra.errors import DatabaseUnavailable, OutcomeUnknown

LOST, NOBODY = OutcomeUnknown("lost"), DatabaseUnavailable("nobody")
YES, NO = True, False


def told(answers: Iterable[Any]) -> Callable[[], bool]:
    """Answer as a database does that says these things, one after the other."""
    left = iter(answers)

    def tell() -> bool:
        answer = next(left)
        if isinstance(answer, Exception):
            raise answer
        return bool(answer)

    return tell


@pytest.mark.parametrize(("sends", "looks", "repeated", "found"), [
    # Answered at once: nobody looks.
    ([YES], [], False, True), ([NO], [], False, False), ([NOBODY], [], False, NOBODY),
    # It may be the write of an earlier attempt that makes the condition false.
    ([NO], [YES], True, True), ([NO], [NO], True, False), ([YES], [], True, True),
    ([NOBODY], [], True, LOST), ([NO], [NOBODY], True, LOST),
    # Lost, and found.
    ([LOST], [YES], False, True),
    # Lost and not seen is no answer: it is sent again.
    ([LOST, YES], [NO], False, True), ([LOST, NO], [NO, YES], False, True), ([LOST, NO], [NO, NO], False, False),
    ([LOST, YES], [NOBODY], False, True),
    # Nobody can say.
    ([LOST, NOBODY], [NO], False, LOST), ([LOST, NO], [NO, NOBODY], False, LOST),
    ([LOST] * TRIES, [NO] * TRIES, False, LOST), ([LOST] * TRIES, [NOBODY] * TRIES, False, LOST)])
def test_what_is_said(sends: list[Any], looks: list[Any], repeated: bool, found: bool | Exception) -> None:
    def run() -> bool:
        return decide(told(sends), told(looks), repeated=repeated)

    if isinstance(found, Exception):
        with pytest.raises(type(found)):
            run()
    else:
        assert run() is found
