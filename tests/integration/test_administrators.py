"""Administrators: made on the command line, and what they may that others may not."""

import secrets
from collections.abc import Callable
from typing import Any

import pytest

from tests.fixtures.accounts import PASSWORD, Account, NewAccount, bearer, log_in
from tests.fixtures.client import Client
from tests.fixtures.command import Command, well
from tests.fixtures.service import NewService, Service, until

ENVIRONMENT = {"TASKAPP_ADMIN_PASSWORD": PASSWORD}


@pytest.fixture(scope="module")
def admin(token_service: Service, command: Command, keyspace: str) -> Client:
    """An administrator's client."""
    email = f"{secrets.token_hex(6)}@example.com"
    assert well(command(keyspace, "create-admin", email, "--json", **ENVIRONMENT))["created"]
    return Client(token_service.url, bearer(log_in(token_service.url, email)["token"]))


def test_an_administrator_sees_and_changes_all_users(admin: Client, new_account: NewAccount) -> None:
    cara = new_account("Cara")
    path = f"/users/{cara.user['id']}"
    assert admin.get(path).ok() == cara.user
    assert admin.patch(path, json={"name": "C"}).ok()["name"] == "C"
    assert cara.user["id"] in {each["id"] for each in users(admin)}
    # An administrator who resets a password does not know the one before.
    admin.patch(path, json={"password": "set by the administrator"}).ok()
    until(lambda: cara.client.get("/users/me").status == 401, 5, "the token outlived the password")
    assert admin.delete(path).status == 204
    admin.get(path).problem(404, "not_found")


def users(client: Client) -> list[dict[str, Any]]:
    found, page = [], client.get("/users/", limit=200)
    while True:
        found += page.ok()
        if "Next-Cursor" not in page.headers:
            return found
        page = client.get("/users/", limit=200, cursor=page.headers["Next-Cursor"])


def test_an_administrator_sees_no_tasks_of_others(admin: Client, ann: Account) -> None:
    task = ann.client.make("private")
    admin.get(f"/tasks/{task['task_id']}").problem(404, "not_found")


def test_an_administrator_reads_the_metrics(admin: Client, ann: Account) -> None:
    assert "taskapp_requests_total" in admin.get("/metrics").text
    ann.client.get("/metrics").problem(403, "insufficient_scope")


def test_an_administrator_can_give_a_token_for_metrics_alone(admin: Client, token_service: Service) -> None:
    given = admin.post("/tokens/", json={"scopes": ["metrics:read"], "name": "prometheus"}).ok(201)
    scraper = Client(token_service.url, bearer(given["token"]))
    assert scraper.get("/metrics").status == 200
    scraper.get("/users/").problem(403, "insufficient_scope")


def test_one_who_exists_is_promoted_and_keeps_the_password(command: Command, keyspace: str, new_account: NewAccount,
                                                           token_service: Service) -> None:
    cara = new_account("Cara")
    for _ in range(2):
        made = well(command(keyspace, "create-admin", cara.email.upper(), "--json"))
        assert made == {"id": cara.user["id"], "email": cara.email, "created": False}
    scopes = log_in(token_service.url, cara.email)["scopes"]
    assert {"users:admin", "metrics:read"} <= set(scopes)
    # The token from before has what it was given, no more.
    cara.client.get("/users/").problem(403, "insufficient_scope")


@pytest.mark.parametrize(("email", "password", "says"), [
    ("nonsense", PASSWORD, "/email: Not an e-mail address"), ("new@example.com", "short", "/password: Must have 8"),
    ("new@example.com", "", "/password: Must have 8")])
def test_what_is_wrong_is_one_line(command: Command, keyspace: str, service: Service, email: str, password: str,
                                   says: str) -> None:
    failed = command(keyspace, "create-admin", email, TASKAPP_ADMIN_PASSWORD=password)
    assert failed.returncode == 1
    assert says in failed.stderr
    assert len(failed.stderr.strip().splitlines()) == 1


def test_the_tasks_of_open_mode_can_be_taken_along(new_service: NewService, new_keyspace: Callable[[], str],
                                                   command: Command) -> None:
    keyspace = new_keyspace()
    open_ = new_service(TASKAPP_CASSANDRA_KEYSPACE=keyspace)
    task = Client(open_.url).make("made on the laptop")
    open_.restart(TASKAPP_AUTH="token", TASKAPP_RATE_LOGIN="1000/minute")
    well(command(keyspace, "create-admin", "root@example.com", "--with-open-tasks", "--json", **ENVIRONMENT))
    root = Client(open_.url, bearer(log_in(open_.url, "root@example.com")["token"]))
    assert root.read(task) == task
    again = command(keyspace, "create-admin", "other@example.com", "--with-open-tasks", **ENVIRONMENT)
    assert again.returncode == 1
    assert "given to a user before" in again.stderr
