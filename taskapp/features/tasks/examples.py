"""Tasks in the API description."""

from taskapp.http.documentation.examples import CHANGE_ID, CHANGED, MADE, PROJECT_ID, TASK_ID, USER_ID

_NEW_TASK = {"title": "Complete project", "description": "Finish the API implementation",
             "due_date": "2027-01-15T12:00:00Z", "labels": ["ops"]}
_TASK = {
    "task_id": TASK_ID, "project_id": PROJECT_ID, "title": "Complete project",
    "description": "Finish the API implementation", "status": "pending", "priority": 0,
    "due_date": "2027-01-15T12:00:00.000Z", "all_day": False, "labels": ["ops"], "assignees": [],
    "parent_id": None, "metadata": {},
    "created_by": USER_ID, "created_at": MADE, "updated_at": MADE, "completed_at": None, "expires_at": None,
    "version": 1}
TAGS = {"tasks": "Tasks, their trash and their history."}
EXAMPLES = {
    "TaskCreate": _NEW_TASK,
    "TaskReplace": {**_NEW_TASK, "status": "completed"},
    "TaskPatch": {"status": "completed", "labels": {"add": ["urgent"], "remove": ["ops"]}},
    "Task": _TASK,
    "TrashedTask": {**_TASK, "version": 2, "updated_at": CHANGED, "deleted_at": CHANGED},
    "Change": {"change_id": CHANGE_ID, "task_id": TASK_ID, "version": 2, "at": CHANGED, "actor": USER_ID,
               "kind": "updated", "diff": {"status": ["pending", "completed"]}},
    "Message": {"message": "Task deleted successfully"},
}
