"""Tokens: what they may be used for, and when they end."""

import hashlib
import secrets
import uuid
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from tests.fixtures.accounts import PASSWORD, Account, NewAccount, bearer
from tests.fixtures.client import Client
from tests.fixtures.service import NewService, Service, until


def ends(client: Client) -> None:
    until(lambda: client.get("/users/me").status == 401, 5.0, "the token still is good after five seconds")
    answer = client.get("/users/me")
    answer.problem(401, "unauthorized")
    assert answer.headers["WWW-Authenticate"] == 'Bearer error="invalid_token"'


# -- Logging in


def test_a_login_gives_a_token_once(anybody: Client, new_account: NewAccount) -> None:
    cara = new_account("Cara")
    answer = anybody.post("/tokens/", json={"email": cara.email, "password": PASSWORD, "name": "laptop"})
    token = answer.ok(201)
    assert answer.headers["Location"] == f"/tokens/{token['token_id']}"
    assert answer.headers["Cache-Control"] == "no-store"
    assert token["name"] == "laptop"
    assert token["scopes"] == ["account:write", "projects:admin", "tasks:read", "tasks:write"]
    lifetime = datetime.fromisoformat(token["expires_at"]) - datetime.fromisoformat(token["created_at"])
    assert lifetime == timedelta(days=30)
    # 256 random bits, beside a word that scanners know.
    assert token["token"].startswith("taskapp_")
    assert len(token["token"].removeprefix("taskapp_")) == 43
    listed = {each["token_id"]: each for each in cara.client.get("/tokens/").ok()}
    assert set(listed) == {cara.token_id, token["token_id"]}
    assert all("token" not in each for each in listed.values())


@pytest.mark.parametrize("given", [
    {"email": "nobody@example.com", "password": PASSWORD}, {"password": "wrong password"}, {"password": ""},
    {"password": PASSWORD + " "}, {"email": "ann@example"}])
def test_wrong_credentials_are_all_one(anybody: Client, ann: Account, given: dict[str, str]) -> None:
    answer = anybody.post("/tokens/", json={"email": ann.email, "password": PASSWORD, **given})
    assert answer.problem(401, "unauthorized")["detail"] == "The e-mail address or the password is wrong."
    assert answer.headers["WWW-Authenticate"] == "Bearer"


@pytest.mark.parametrize(("sent", "where"), [
    ({"email": "ann@example.com"}, "/password"), ({"password": PASSWORD}, "/email"),
    ({"email": "ann", "password": PASSWORD}, "/email"), ({"email": 3, "password": PASSWORD}, "/email"),
    ({"scopes": []}, "/scopes"), ({"scopes": ["tasks:fly"]}, "/scopes/0"), ({"scopes": "tasks:read"}, "/scopes"),
    ({"expires_in": 0}, "/expires_in"), ({"expires_in": 630_720_001}, "/expires_in"),
    ({"expires_in": 1.5}, "/expires_in"), ({"name": ""}, "/name"), ({"user": "ann"}, "/user")])
def test_a_bad_body_is_named(anybody: Client, sent: dict[str, Any], where: str) -> None:
    anybody.post("/tokens/", json=sent).problem(422, "invalid", where)


def test_without_credentials_and_without_a_token(anybody: Client) -> None:
    anybody.post("/tokens/", json={}).problem(401, "unauthorized")


# -- Using


@pytest.mark.parametrize("sent", ["", "Bearer", "Bearer ", "Bearer garbage", "Bearer " + "a" * 300, "Basic YTpi",
                                  "Token abc", "Bearer taskapp_" + "A" * 43, "Bearer a b", "Bearer \xe9"])
def test_what_is_no_token_is_refused(anybody: Client, sent: str) -> None:
    answer = anybody.get("/tasks/", headers={"Authorization": sent})
    answer.problem(401, "unauthorized")
    assert answer.headers["WWW-Authenticate"].startswith("Bearer")


def test_the_scheme_is_read_in_any_case(anybody: Client, ann: Account) -> None:
    for scheme in ("Bearer", "bearer", "BEARER"):
        anybody.get("/users/me", headers={"Authorization": f"{scheme} {ann.token}"}).ok()


def test_a_token_for_reading_does_not_write(ann: Account, anybody: Client) -> None:
    task = ann.client.make("kept")
    given = ann.client.post("/tokens/", json={"scopes": ["tasks:read"], "name": "wall"}).ok(201)
    assert given["scopes"] == ["tasks:read"]
    reader = Client(anybody.url, bearer(given["token"]))
    assert reader.read(task) == task
    for answer in (reader.post("/tasks/", json={"title": "x"}), reader.delete(f"/tasks/{task['task_id']}"),
                   reader.put(f"/tasks/{task['task_id']}", json={"title": "x"}),
                   reader.patch(f"/tasks/{task['task_id']}", json={"title": "x"}),
                   reader.patch("/users/me", json={"name": "x"}), reader.post("/tokens/", json={"name": "more"})):
        answer.problem(403, "insufficient_scope")
    assert 'error="insufficient_scope"' in reader.post("/tasks/", json={"title": "x"}).headers["WWW-Authenticate"]
    assert ann.client.read(task) == task


def test_nobody_gives_what_they_have_not(ann: Account, anybody: Client) -> None:
    ann.client.post("/tokens/", json={"scopes": ["users:admin"]}).problem(403, "insufficient_scope")
    anybody.post("/tokens/", json={"email": ann.email, "password": PASSWORD, "scopes": ["metrics:read"]}).problem(
        403, "insufficient_scope")
    narrow = ann.client.post("/tokens/", json={"scopes": ["account:write", "tasks:read"]}).ok(201)
    client = Client(anybody.url, bearer(narrow["token"]))
    client.post("/tokens/", json={"scopes": ["tasks:write"]}).problem(403, "insufficient_scope")
    assert client.post("/tokens/", json={}).ok(201)["scopes"] == ["account:write", "tasks:read"]


def test_the_last_use_is_noted(new_account: NewAccount) -> None:
    cara = new_account("Cara")

    def use() -> Any:
        return cara.client.get("/tokens/").ok()[0]["last_used_at"]

    at = datetime.fromisoformat(until(use, 5, "no use was noted"))
    assert abs(datetime.now(UTC) - at) < timedelta(minutes=2)
    assert cara.client.get("/tokens/").ok()[0]["last_used_from"] == "127.0.0.1"


# -- Ending


def test_a_token_that_expired_is_refused(ann: Account, anybody: Client) -> None:
    given = ann.client.post("/tokens/", json={"expires_in": 2}).ok(201)
    ends(Client(anybody.url, bearer(given["token"])))
    ann.client.get("/users/me").ok()


def test_a_token_can_be_for_ever(ann: Account) -> None:
    given = ann.client.post("/tokens/", json={"expires_in": None}).ok(201)
    assert given["expires_at"] is None
    longest = ann.client.post("/tokens/", json={"expires_in": 630_720_000}).ok(201)
    assert longest["expires_at"] > "2046"


def test_its_rows_expire_by_themselves(ann: Account, session: Any, keyspace: str) -> None:
    given = ann.client.post("/tokens/", json={"expires_in": 1000}).ok(201)
    kept = hashlib.sha256(given["token"].encode()).hexdigest()
    row = session.execute(f"SELECT TTL(user_id) AS ttl FROM {keyspace}.tokens WHERE token_hash = 0x{kept}").one()
    assert 1000 < (row["ttl"] if isinstance(row, dict) else row[0]) <= 1060


def test_a_revoked_token_ends_everywhere_within_five_seconds(new_account: NewAccount, token_service: Service,
                                                             new_service: NewService) -> None:
    other_instance = new_service(TASKAPP_AUTH="token")
    cara = new_account("Cara")
    given = cara.client.post("/tokens/", json={"name": "lost"}).ok(201)
    clients = [Client(url, bearer(given["token"])) for url in (token_service.url, other_instance.url)]
    for client in clients * 4:
        client.get("/users/me").ok()
    assert cara.client.delete(f"/tokens/{given['token_id']}").status == 204
    for client in clients:
        ends(client)
    cara.client.delete(f"/tokens/{given['token_id']}").problem(404, "not_found")
    cara.client.get("/users/me").ok()


def test_logging_out(new_account: NewAccount) -> None:
    cara = new_account("Cara")
    assert cara.client.delete("/tokens/current").status == 204
    ends(cara.client)


def test_nobody_revokes_anothers(ann: Account, bob: Account) -> None:
    ann.client.delete(f"/tokens/{bob.token_id}").problem(404, "not_found")
    ann.client.delete("/tokens/nonsense").problem(404, "not_found")
    bob.client.get("/users/me").ok()


def test_a_token_for_reading_can_end_itself_alone(ann: Account, anybody: Client) -> None:
    given = ann.client.post("/tokens/", json={"scopes": ["tasks:read"]}).ok(201)
    reader = Client(anybody.url, bearer(given["token"]))
    reader.delete(f"/tokens/{ann.token_id}").problem(403, "insufficient_scope")
    assert reader.delete(f"/tokens/{given['token_id']}").status == 204
    ends(reader)


def test_a_login_that_is_sent_twice_leaves_one_token(new_account: NewAccount, anybody: Client) -> None:
    cara, key = new_account("Cara"), {"Idempotency-Key": secrets.token_hex(8)}
    sent = {"email": cara.email, "password": PASSWORD}
    first = anybody.post("/tokens/", json=sent, headers=key).ok(201)
    second = anybody.post("/tokens/", json=sent, headers=key).ok(201)
    assert first["token_id"] == second["token_id"]
    assert first["token"] != second["token"]
    ends(Client(anybody.url, bearer(first["token"])))
    Client(anybody.url, bearer(second["token"])).get("/users/me").ok()
    assert len(cara.client.get("/tokens/").ok()) == 2


def test_a_long_list_of_tokens_has_pages(new_account: NewAccount) -> None:
    cara = new_account("Cara")
    made = {cara.client.post("/tokens/", json={"name": str(number)}).ok(201)["token_id"] for number in range(7)}
    found: list[str] = []
    page = cara.client.get("/tokens/", limit=3)
    while True:
        found += [each["token_id"] for each in page.ok()]
        if "Next-Cursor" not in page.headers:
            break
        page = cara.client.get("/tokens/", limit=3, cursor=page.headers["Next-Cursor"])
    assert sorted(found) == sorted({*made, cara.token_id})


# -- Whose tasks


def test_each_has_an_inbox_of_their_own(ann: Account, bob: Account) -> None:
    task = ann.client.make("Ann's own", labels=["x"])
    assert task["created_by"] == ann.user["id"]
    assert task["task_id"] in {each["task_id"] for each in ann.client.get("/tasks/").ok()}
    assert task["task_id"] not in {each["task_id"] for each in bob.client.get("/tasks/").ok()}
    path = f"/tasks/{task['task_id']}"
    for answer in (bob.client.get(path), bob.client.put(path, json={"title": "x"}), bob.client.delete(path),
                   bob.client.patch(path, json={"title": "x"}), bob.client.delete(f"{path}?permanent=true"),
                   bob.client.get(f"{path}/history"), bob.client.post(f"{path}/undo"),
                   bob.client.post(f"{path}/restore"), bob.client.put(path, json={"title": "x"}, headers={
                       "If-None-Match": "*"}),
                   bob.client.get("/tasks/", project=task["project_id"]),
                   bob.client.post("/tasks/", json={"title": "x", "project_id": task["project_id"]})):
        answer.problem(404, "not_found")
    assert bob.client.get("/tasks/", ids=task["task_id"]).ok() == []
    assert ann.client.read(task) == task


def test_a_task_is_given_to_nobody_outside(ann: Account, bob: Account) -> None:
    ann.client.post("/tasks/", json={"title": "x", "assignees": [bob.user["id"]]}).problem(
        422, "invalid", "/assignees")
    assert ann.client.make(assignees=[ann.user["id"]])["assignees"] == [ann.user["id"]]


def test_a_cursor_is_good_for_its_user_alone(ann: Account, bob: Account) -> None:
    for number in range(3):
        ann.client.make(str(number))
    cursor = ann.client.get("/tasks/", limit=1).headers["Next-Cursor"]
    ann.client.get("/tasks/", limit=1, cursor=cursor).ok()
    bob.client.get("/tasks/", limit=1, cursor=cursor).problem(422, "bad_cursor")


def test_an_idempotency_key_is_good_for_its_user_alone(ann: Account, bob: Account) -> None:
    key = {"Idempotency-Key": str(uuid.uuid4())}
    first = ann.client.post("/tasks/", json={"title": "x"}, headers=key).ok(201)
    second = bob.client.post("/tasks/", json={"title": "x"}, headers=key)
    assert "Idempotency-Replayed" not in second.headers
    assert second.ok(201)["task_id"] != first["task_id"]


def test_any_address_can_be_served_in_token_mode(new_service: NewService) -> None:
    service = new_service(TASKAPP_AUTH="token", TASKAPP_HOST="0.0.0.0")
    Client(service.url).get("/tasks/").problem(401, "unauthorized")
    Client(service.url).get("/health/live", headers={"Host": "tasks.example.com"}).ok()
