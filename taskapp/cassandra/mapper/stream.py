"""Reading more rows than memory should hold: page by page, the next one in flight while the last one is used."""

from collections.abc import Iterator
from contextlib import nullcontext
from typing import Any, Generic, NamedTuple, TypeVar

from taskapp.cassandra.driver import work
from taskapp.cassandra.driver.statement import Answer
from taskapp.cassandra.mapper import Select, Table

# Rows in the first page, for which a client waits, and in those that are read ahead.
FIRST, NEXT = 200, 1_000


R = TypeVar("R", bound=Table)


class Page(NamedTuple, Generic[R]):
    """Rows, and whether there are more after them."""

    rows: list[R]
    more: bool


def pages(statement: Select[R], *, consistency: int | None = None, **values: Any) -> Iterator[Page[R]]:
    """Yield the rows of a query page by page, at least one page; a page's list is emptied when the next is taken.

    The second page is requested once the first has been used; from then on one page is read ahead, and memory holds
    two. A caller that takes no more pages ends the reading. Each page is a request with the full budget: the driver's
    own paging counts the time of all pages from the first (`cassandra/cluster.py`, `start_fetching_next_page`).

    :raise DatabaseUnavailable: a page could not be read; those before it were
    """
    spent = work.current()
    bound = statement.bind(**values)
    if consistency is not None:
        bound.consistency_level = consistency

    def ask(size: int, after: bytes | None) -> Answer:
        bound.fetch_size = size
        return Answer(statement.name, bound, statement.profile, writes=False, paging_state=after)

    def follow(paging_state: bytes | None) -> Answer | None:
        if paging_state is None:
            return None
        # The request's work may be over by now, with only its answer still being written.
        with spent.renewed() if spent else nullcontext():
            return ask(NEXT, paging_state)

    def rows() -> list[R]:
        found = statement.made(page.current_rows)
        # The driver's future refers to itself, and would hold its rows until the garbage collector runs.
        page.current_rows.clear()
        return found

    page = ask(FIRST, None).result()
    following = page.paging_state
    yield Page(found := rows(), following is not None)
    ahead = follow(following)
    while ahead:
        found.clear()
        page = ahead.result()
        ahead = follow(page.paging_state)
        yield Page(found := rows(), ahead is not None)
