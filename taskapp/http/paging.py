"""Keyset pagination: the page that a cursor selects, and the cursor of the next page."""

from collections.abc import Callable, Sequence
from typing import Any, TypeVar
from urllib.parse import urlencode

from flask import Response, current_app, g, request

from taskapp.http import answers
from taskapp.kit import cursor

Row = TypeVar("Row")


class Page:
    """The requested page; the route has ``PageParameters``.

    :param about: what its cursors are bound to besides the caller: the list and its filters
    :ivar after: the position in the cursor; empty on the first page
    """

    def __init__(self, *about: object) -> None:
        self._binding = " ".join(map(str, (g.caller.user_id, *about)))
        self._secret: bytes = current_app.extensions["secret"]()
        self.limit: int = g.parameters["limit"]
        sent = g.parameters["cursor"]
        self.after: list[Any] = cursor.open_(self._secret, self._binding, sent) if sent else []

    @property
    def one_more(self) -> int:
        """How many rows to request: one extra, which shows whether there is a next page."""
        return self.limit + 1

    def of(self, rows: Sequence[Row], dump: Callable[[Row], Any], position: Callable[[Row], Any]) -> Response:
        """Answer with a page of rows, out of up to ``one_more``.

        :param position: returns the sort key of a row, a JSON value
        """
        shown = rows[:self.limit]
        return self.answer([dump(row) for row in shown], [position(shown[-1])] if len(rows) > self.limit else None)

    def answer(self, items: list[Any], following: list[Any] | None) -> Response:
        """Answer with an array, and point to the next page in ``Link`` and ``Next-Cursor``.

        :param following: the position that the next page starts after; None on the last page
        """
        headers = {}
        if following is not None:
            token = cursor.seal(self._secret, self._binding, following)
            query = [(name, value) for name, value in request.args.items(multi=True) if name != "cursor"]
            target = f"{request.script_root}{request.path}?{urlencode([*query, ('cursor', token)])}"
            headers = {"Link": f'<{target}>; rel="next"', "Next-Cursor": token}
        return answers.json(items, headers=headers)
