"""Tokens in the API description."""

from taskapp.http.documentation.examples import MADE, PASSWORD

_TOKEN = {"token_id": "c7d1b7a4-0f5a-4a0e-8a55-9d1f5a3c2b10", "name": "calendar", "scopes": ["tasks:read"],
          "created_at": MADE, "expires_at": "2026-12-21T06:47:00.123Z", "last_used_at": None, "last_used_from": None}
TAGS = {"tokens": "Logging in, and further tokens for other clients."}
EXAMPLES = {
    "TokenCreate": {"email": "ann@example.com", "password": PASSWORD},
    "Token": _TOKEN,
    "NewToken": {**_TOKEN, "token": "taskapp_q0sVwq5y4b2l1cJ3n8rK7dT6hXfGzYpA9mEuLoWiB_k"},
}
