"""Activity in the API description."""

from taskapp.http.documentation.examples import CHANGE_ID, CHANGED, TASK_ID

EXAMPLES = {"Event": {"event_id": CHANGE_ID, "at": CHANGED, "kind": "updated", "task_id": TASK_ID, "version": 2}}
