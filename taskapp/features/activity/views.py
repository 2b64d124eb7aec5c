"""The routes of activity."""

import uuid
from datetime import datetime

from flask import Blueprint, Response, g

from taskapp.features.activity import policies, service
from taskapp.features.activity.parameters import EventParameters
from taskapp.features.activity.schemas import EventSchema
from taskapp.http import headers, paths
from taskapp.http.contract import promises
from taskapp.http.paging import Page
from taskapp.kit.dump import compile_dump

bp = Blueprint("activity", __name__)
_dump = compile_dump(EventSchema())


@bp.get("/<user_id>/events")
@promises(summary="List what a user did", scope=policies.READ, tag="users", parameters=EventParameters(),
          answers={200: [EventSchema()]}, problems=("not_found", "forbidden", "bad_cursor"), paged=True,
          reads_task=True)
def events(user_id: str) -> Response:
    """List the changes that a user made to tasks, and the expiries of their tasks, newest first.

    `me` is the caller.
    """
    asked, id_ = g.parameters, paths.user_id(user_id)
    page = Page(id_, "events", _bound(asked["after"]), _bound(asked["before"]))
    last = uuid.UUID(hex=page.after[0]) if page.after else None
    found = service.events(g.caller, service.Asked(id_, asked["after"], asked["before"], last), page.one_more,
                           headers.consistency())
    return page.of(found, _dump, lambda event: event.event_id.hex)


def _bound(at: datetime | None) -> str:
    return at.isoformat() if at else ""
