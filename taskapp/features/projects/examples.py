"""Projects in the API description."""

from taskapp.http.documentation.examples import CHANGED, MADE, PROJECT_ID, USER_ID

_PROJECT = {"project_id": PROJECT_ID, "name": "Spring launch", "description": "All that has to be ready by March.",
            "color": "#1f6feb", "role": "admin", "inbox": False, "archived": False, "created_at": MADE,
            "updated_at": MADE, "version": 1}
TAGS = {"projects": "Projects, and their members."}
EXAMPLES = {
    "ProjectCreate": {"name": "Spring launch", "description": "All that has to be ready by March.",
                      "color": "#1f6feb"},
    "ProjectPatch": {"name": "Summer launch", "archived": True},
    "Project": _PROJECT,
    "TrashedProject": {**_PROJECT, "version": 2, "updated_at": CHANGED, "deleted_at": CHANGED},
    "MemberPut": {"role": "editor"},
    "MemberInvite": {"email": "ann@example.com", "role": "editor"},
    "Member": {"user_id": USER_ID, "name": "Ann", "role": "editor"},
}
