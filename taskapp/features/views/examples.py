"""Saved views in the API description."""

from taskapp.http.documentation.examples import MADE, PROJECT_ID

_NEW = {"name": "Due this week", "filter": "status in (pending, in_progress) && due_date < now+7d", "sort": "due_date",
        "project_id": PROJECT_ID}
TAGS = {"views": "Saved views: filters and sort orders with a name."}
EXAMPLES = {
    "ViewCreate": _NEW,
    "ViewPatch": {"name": "Due soon"},
    "View": {"view_id": "2d1c7f5a-8b7e-4f0e-9d3b-5a6c4e2f1b00", **_NEW, "created_at": MADE, "updated_at": MADE,
             "version": 1},
}
