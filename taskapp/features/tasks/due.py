"""Due dates: a time, or a whole day, which is kept as its midnight in UTC. All functions are pure."""

from datetime import date, datetime, time
from typing import Any

from taskapp.features.tasks.models import Task
from taskapp.kit.problem import invalid, member_error


def applied(members: dict[str, Any], old: Task | None = None) -> dict[str, Any]:
    """Make the due date and ``all_day`` of a request agree.

    A date makes the task all-day, a time makes it not, and ``all_day`` decides if both were sent: then a time is cut to
    its day.

    :param old: the task that is changed, if there is one
    :raise Problem: ``invalid`` for an all-day task without a due date
    """
    if "due_date" not in members and "all_day" not in members:
        return members
    due: date | None = members.get("due_date", old.due_date if old else None)
    is_day = isinstance(due, date) and not isinstance(due, datetime)
    all_day = members.get("all_day", is_day)
    if due is None:
        # What a request says of the due date that it takes away, or that there is none, is only wrong if it is yes.
        if members.get("all_day"):
            raise invalid([member_error("/all_day", "Needs a due date.")])
        return {**members, "due_date": None, "all_day": False}
    whole = is_day or all_day
    return {**members, "due_date": datetime.combine(due, time()) if whole else due, "all_day": bool(all_day)}
