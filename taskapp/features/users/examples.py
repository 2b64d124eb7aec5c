"""Users in the API description."""

from taskapp.http.documentation.examples import MADE, PASSWORD, USER_ID

TAGS = {"users": "Users and what they did."}
EXAMPLES = {
    "UserCreate": {"name": "Ann", "email": "ann@example.com", "password": PASSWORD},
    "UserPatch": {"age": 35, "tags": {"add": ["on call"]}},
    "UserName": {"id": USER_ID, "name": "Ann"},
    "User": {"id": USER_ID, "name": "Ann", "email": "ann@example.com", "age": 34, "tags": ["ops"], "metadata": {},
             "created_at": MADE},
}
