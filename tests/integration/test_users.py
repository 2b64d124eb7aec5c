"""Users: registered once, seen by themselves, changed without losing another's change."""

import secrets
import threading
import uuid
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest

from taskapp.cassandra.driver.connection import db
from taskapp.features.users import addresses
from tests.fixtures.accounts import PASSWORD, Account, NewAccount, log_in
from tests.fixtures.client import Client
from tests.fixtures.service import Service


def body(**members: Any) -> dict[str, Any]:
    return {"name": "Ann", "email": f"{secrets.token_hex(6)}@example.com", "password": PASSWORD, **members}


# -- Registering


def test_a_user_is_as_the_guide_has_it(anybody: Client) -> None:
    sent = body(age=42, tags=["ops", "admin", "ops"], metadata={"team": "blue"})
    answer = anybody.post("/users/", json=sent)
    user = answer.ok(201)
    assert answer.headers["Location"] == f"/users/{user['id']}"
    assert {**user, "id": 0, "created_at": 0} == {
        "id": 0, "created_at": 0, "name": "Ann", "email": sent["email"], "age": 42, "tags": ["admin", "ops"],
        "metadata": {"team": "blue"}}
    minimal = anybody.post("/users/", json=body()).ok(201)
    assert (minimal["age"], minimal["tags"], minimal["metadata"]) == (None, [], {})


@pytest.mark.parametrize(("members", "where"), [
    ({"name": ""}, "/name"), ({"name": "a\nb"}, "/name"), ({"name": "a" * 201}, "/name"), ({"name": 3}, "/name"),
    ({"email": "ann"}, "/email"), ({"email": None}, "/email"), ({"email": "a" * 250 + "@example.com"}, "/email"),
    ({"password": "short"}, "/password"), ({"password": "a" * 129}, "/password"), ({"password": 12345678}, "/password"),
    ({"age": -1}, "/age"), ({"age": 151}, "/age"), ({"age": 3.0}, "/age"), ({"age": "3"}, "/age"),
    ({"tags": "ops"}, "/tags"), ({"tags": [""]}, "/tags/0"), ({"tags": ["a" * 65]}, "/tags/0"),
    ({"tags": [str(each) for each in range(51)]}, "/tags"), ({"metadata": {"a": 1}}, "/metadata/a"),
    ({"metadata": {"k" * 65: "v"}}, "/metadata/" + "k" * 65), ({"metadata": {"k": "v" * 1025}}, "/metadata/k"),
    ({"metadata": {str(each): "v" for each in range(51)}}, "/metadata"), ({"admin": True}, "/admin"),
    ({"id": "1"}, "/id")])
def test_what_is_wrong_is_named(anybody: Client, members: dict[str, Any], where: str) -> None:
    sent = body(**members)
    anybody.post("/users/", json=sent).problem(422, "invalid", where)
    # Nothing was stored: the address is free.
    if where not in ("/email", "/password"):
        anybody.post("/users/", json=body(email=sent["email"])).ok(201)


@pytest.mark.parametrize("missing", ["name", "email", "password"])
def test_what_is_missing_is_named(anybody: Client, missing: str) -> None:
    sent = body()
    del sent[missing]
    anybody.post("/users/", json=sent).problem(422, "invalid", f"/{missing}")


@pytest.mark.parametrize(("one", "other"), [
    ("{}@example.com", "{}@EXAMPLE.com"), ("straße.{}@example.com", "STRASSE.{}@example.com"),
    ("jos\u00e9.{}@example.com", "jose\u0301.{}@example.com"), ("\ufb01n.{}@example.com", "fin.{}@example.com"),
    ("{}@bücher.example", "{}@xn--bcher-kva.example")])
def test_an_address_is_taken_in_any_case_and_unicode_form(anybody: Client, one: str, other: str) -> None:
    mark = secrets.token_hex(6)
    user = anybody.post("/users/", json=body(email=one.format(mark))).ok(201)
    anybody.post("/users/", json=body(email=other.format(mark))).problem(409, "email_taken")
    # Both forms log the one user in.
    for email in (one, other):
        token = log_in(anybody.url, email.format(mark))
        me = Client(anybody.url, {"Authorization": f"Bearer {token['token']}"}).get("/users/me").ok()
        assert me["id"] == user["id"]


def test_of_many_who_want_one_address_one_gets_it(anybody: Client) -> None:
    for _ in range(3):
        email = f"{secrets.token_hex(6)}@example.com"
        sent = [body(email=email.upper() if number % 2 else email) for number in range(8)]
        with ThreadPoolExecutor(8) as pool:
            answers = list(pool.map(lambda each: anybody.post("/users/", json=each), sent))
        assert sorted(answer.status for answer in answers) == [201] + [409] * 7
        assert log_in(anybody.url, email)


def test_a_registration_that_is_sent_twice_is_one(anybody: Client) -> None:
    sent, key = body(), {"Idempotency-Key": secrets.token_hex(8)}
    with ThreadPoolExecutor(4) as pool:
        answers = list(pool.map(lambda _: anybody.post("/users/", json=sent, headers=key), range(4)))
    stored = {answer.json["id"] for answer in answers if answer.status == 201}
    assert len(stored) == 1
    again = anybody.post("/users/", json=sent, headers=key)
    assert again.ok(201)["id"] in stored
    assert again.headers["Idempotency-Replayed"] == "true"
    anybody.post("/users/", json={**sent, "password": "another one"}, headers=key).problem(409, "email_taken")
    assert anybody.post("/users/", json=body(), headers=key).ok(201)["id"] not in stored


def test_an_address_whose_user_was_never_stored_can_be_taken(anybody: Client, session: Any, keyspace: str) -> None:
    """A worker died between the claim and the user."""
    old, new = f"{secrets.token_hex(6)}@example.com", f"{secrets.token_hex(6)}@example.com"
    for email, at in ((old, "'2001-01-01'"), (new, "toTimestamp(now())")):
        session.execute(f"INSERT INTO {keyspace}.users_by_email (email_key, user_id, claim, claimed_at) VALUES "
                        f"('{email}', uuid(), uuid(), {at}) IF NOT EXISTS")
    assert anybody.post("/users/", json=body(email=old)).ok(201)
    # A claim of just now may still get its user.
    anybody.post("/users/", json=body(email=new)).problem(409, "email_taken")


def test_control_a_user_that_lost_its_address_to_another_is_never_stored(anybody: Client, session: Any, keyspace: str
                                                                        ) -> None:
    email = f"{secrets.token_hex(6)}@example.com"
    session.execute(f"INSERT INTO {keyspace}.users_by_email (email_key, user_id, claim, claimed_at) VALUES "
                    f"('{email}', 11111111-1111-4111-8111-{secrets.token_hex(6)}, uuid(), '2001-01-01') IF NOT EXISTS")
    loser = session.execute(f"SELECT user_id FROM {keyspace}.users_by_email WHERE email_key = '{email}'").one()
    loser = loser["user_id"] if isinstance(loser, dict) else loser[0]
    anybody.post("/users/", json=body(email=email)).ok(201)
    late = session.execute(f"INSERT INTO {keyspace}.users (id, name, version) VALUES ({loser}, 'late', 1) "
                           "IF NOT EXISTS").one()
    assert not (late["[applied]"] if isinstance(late, dict) else late[0])


def test_registration_can_be_closed(new_service: Any) -> None:
    service = new_service(TASKAPP_AUTH="token", TASKAPP_REGISTRATION="closed")
    Client(service.url).post("/users/", json=body()).problem(403, "registration_closed")


# -- Seeing


def test_one_sees_oneself_and_nobody_else(ann: Account, bob: Account) -> None:
    assert ann.client.get("/users/me").ok() == ann.user
    assert ann.client.get(f"/users/{ann.user['id']}").ok() == ann.user
    assert ann.client.get(f"/users/{bob.user['id']}").problem(404, "not_found")["detail"] == "User not found"


def test_a_user_that_is_not_there(ann: Account) -> None:
    missing = ann.client.get("/users/00000000-0000-4000-8000-0000000000aa").problem(404, "not_found")
    assert missing["detail"] == "User not found"


@pytest.mark.parametrize("wrong", ["1", "abc", "00000000-0000-4000-8000-00000000000g"])
def test_an_id_that_is_none(ann: Account, wrong: str) -> None:
    ann.client.get(f"/users/{wrong}").problem(422, "invalid", "user_id")


def test_the_list_of_users_is_for_administrators(ann: Account) -> None:
    ann.client.get("/users/").problem(403, "insufficient_scope")


# -- Changing


def test_a_patch_changes_what_is_sent(new_account: NewAccount) -> None:
    cara = new_account("Cara", age=30, tags=["a"], metadata={"x": "1", "y": "2"})
    change = {"age": None, "tags": {"add": ["b"], "remove": ["a"]}, "metadata": {"x": None, "z": "3"}}
    changed = cara.client.patch("/users/me", json=change).ok()
    assert changed == {**cara.user, "age": None, "tags": ["b"], "metadata": {"y": "2", "z": "3"}}
    assert cara.client.get("/users/me").ok() == changed
    assert cara.client.patch("/users/me", json={"tags": None, "metadata": None, "name": "C"}).ok() == {
        **changed, "tags": [], "metadata": {}, "name": "C"}
    # An edited GET can be sent back.
    cara.client.patch("/users/me", json={**changed, "name": "Cara"}).ok()
    cara.client.patch("/users/me", json={"created_at": "2020-01-01T00:00:00.000Z"}).problem(
        422, "read_only", "/created_at")


def test_two_who_add_tags_at_once_keep_both(new_account: NewAccount) -> None:
    cara = new_account("Cara")
    with ThreadPoolExecutor(6) as pool:
        for answer in pool.map(lambda number: cara.client.patch(
                "/users/me", json={"tags": {"add": [f"t{number}"]}}), range(12)):
            assert answer.status in (200, 503), answer.text
            if answer.status == 503:
                assert answer.json["code"] == "contention"
    kept = set(cara.client.get("/users/me").ok()["tags"])
    assert len(kept) >= 8


def test_an_address_that_was_left_is_free_again(new_account: NewAccount, anybody: Client) -> None:
    cara, new = new_account("Cara"), f"{secrets.token_hex(6)}@example.com"
    assert cara.client.patch("/users/me", json={"email": new}).ok()["email"] == new
    assert log_in(anybody.url, new)
    anybody.post("/tokens/", json={"email": cara.email, "password": PASSWORD}).problem(401, "unauthorized")
    assert anybody.post("/users/", json=body(email=cara.email)).ok(201)
    taken = new_account("Dan")
    cara.client.patch("/users/me", json={"email": taken.email.upper()}).problem(409, "email_taken")
    assert cara.client.get("/users/me").ok()["email"] == new


def test_of_two_who_move_to_one_address_one_gets_it(new_account: NewAccount, anybody: Client) -> None:
    both = [new_account("Cara"), new_account("Dan")]
    new = f"{secrets.token_hex(6)}@example.com"
    answers: dict[int, int] = {}

    def move(number: int) -> None:
        answers[number] = both[number].client.patch("/users/me", json={"email": new}).status

    threads = [threading.Thread(target=move, args=(number,)) for number in range(2)]
    for each in threads:
        each.start()
    for each in threads:
        each.join()
    assert sorted(answers.values()) == [200, 409]


def test_a_new_password_needs_the_old_one_and_ends_other_tokens(new_account: NewAccount, anybody: Client) -> None:
    cara = new_account("Cara")
    other = Client(anybody.url, {"Authorization": f"Bearer {log_in(anybody.url, cara.email)['token']}"})
    new = "a whole new password"
    cara.client.patch("/users/me", json={"password": new}).problem(422, "invalid", "/current_password")
    cara.client.patch("/users/me", json={"password": new, "current_password": "wrong horse"}).problem(
        403, "wrong_password")
    cara.client.patch("/users/me", json={"current_password": PASSWORD}).problem(422, "invalid", "/current_password")
    cara.client.patch("/users/me", json={"password": new, "current_password": PASSWORD}).ok()
    anybody.post("/tokens/", json={"email": cara.email, "password": PASSWORD}).problem(401, "unauthorized")
    assert log_in(anybody.url, cara.email, new)
    cara.client.get("/users/me").ok()
    assert len(cara.client.get("/tokens/").ok()) == 2
    gone(other)


def test_an_address_is_given_back_by_its_claim_alone(session: Any, token_service: Service, keyspace: str,
                                                     monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(db, "keyspace", keyspace)
    email, user_id = f"{secrets.token_hex(6)}@example.com", uuid.uuid4()
    first, second = addresses.claim(email, user_id), addresses.claim(email, user_id)
    # The request that left the address is slower than the one that came back to it.
    addresses.release(email, first.id)
    assert addresses.held(email, user_id) == second.id
    addresses.release(email, second.id)
    assert addresses.held(email, user_id) is None


@pytest.mark.parametrize("other", [{"password": "another password"}, {"current_password": "wrong password"}])
def test_another_password_with_that_key_is_refused(new_account: NewAccount, anybody: Client, other: dict[str, str]
                                                   ) -> None:
    cara, key = new_account("Cara"), {"Idempotency-Key": secrets.token_hex(8)}
    sent = {"password": "a whole new password", "current_password": PASSWORD}
    first = cara.client.patch("/users/me", json=sent, headers=key).ok()
    assert cara.client.patch("/users/me", json=sent, headers=key).ok() == first
    cara.client.patch("/users/me", json={**sent, **other}, headers=key).problem(422, "idempotency_mismatch")
    assert log_in(anybody.url, cara.email, sent["password"])


# -- Sending a registration twice


def test_registrations_at_once_with_one_key_are_one(anybody: Client) -> None:
    sent, key = body(), {"Idempotency-Key": secrets.token_hex(8)}
    with ThreadPoolExecutor(4) as pool:
        answers = list(pool.map(lambda _: Client(anybody.url).post("/users/", json=sent, headers=key), range(4)))
    assert len({answer.ok(201)["id"] for answer in answers}) == 1


def test_another_registration_with_that_key_is_refused(anybody: Client) -> None:
    sent, key = body(), {"Idempotency-Key": secrets.token_hex(8)}
    anybody.post("/users/", json=sent, headers=key).ok(201)
    anybody.post("/users/", json={**sent, "age": 77}, headers=key).problem(422, "idempotency_mismatch")


def test_who_left_can_register_again_with_the_same_key(anybody: Client) -> None:
    sent, key = body(), {"Idempotency-Key": secrets.token_hex(8)}
    first = anybody.post("/users/", json=sent, headers=key).ok(201)
    client = Client(anybody.url, {"Authorization": f"Bearer {log_in(anybody.url, first['email'])['token']}"})
    assert client.delete("/users/me").status == 204
    again = anybody.post("/users/", json=sent, headers=key).ok(201)
    assert again["id"] != first["id"]
    assert anybody.post("/users/", json=sent, headers=key).ok(201) == again


# -- Removing


def gone(client: Client) -> None:
    from tests.fixtures.service import until
    until(lambda: client.get("/users/me").status == 401, 5.0, "the token still is good after five seconds")


def test_a_user_who_leaves_is_gone(new_account: NewAccount, anybody: Client) -> None:
    cara = new_account("Cara")
    task = cara.client.make("secret")
    assert cara.client.delete("/users/me").status == 204
    gone(cara.client)
    anybody.post("/tokens/", json={"email": cara.email, "password": PASSWORD}).problem(401, "unauthorized")
    again = anybody.post("/users/", json=body(email=cara.email)).ok(201)
    assert again["id"] != cara.user["id"]
    token = log_in(anybody.url, cara.email)
    client = Client(anybody.url, {"Authorization": f"Bearer {token['token']}"})
    client.get(f"/tasks/{task['task_id']}").problem(404, "not_found")


def test_nobody_changes_or_removes_another(ann: Account, bob: Account) -> None:
    ann.client.patch(f"/users/{bob.user['id']}", json={"name": "x"}).problem(404, "not_found")
    ann.client.delete(f"/users/{bob.user['id']}").problem(404, "not_found")
    assert bob.client.get("/users/me").ok() == bob.user


def test_a_change_that_is_sent_twice_is_one_and_another_is_told(new_account: NewAccount) -> None:
    cara, key = new_account("Cara"), {"Idempotency-Key": secrets.token_hex(8)}
    first = cara.client.patch("/users/me", json={"age": 7}, headers=key)
    again = cara.client.patch("/users/me", json={"age": 7}, headers=key)
    assert again.ok() == first.ok()
    assert again.headers["Idempotency-Replayed"] == "true"
    cara.client.patch("/users/me", json={"age": 8}, headers=key).problem(422, "idempotency_mismatch")


# -- Secrets


def test_a_password_is_nowhere(new_account: NewAccount, token_service: Service, session: Any, keyspace: str) -> None:
    cara, new = new_account("Cara"), "unheard of password"
    key = {"Idempotency-Key": secrets.token_hex(8)}
    cara.client.patch("/users/me", json={"password": new, "current_password": PASSWORD}, headers=key).ok()
    log = token_service.log()
    assert PASSWORD not in log
    assert new not in log
    assert cara.token not in log
    for table in ("users", "idempotency_keys", "tokens", "tokens_by_user"):
        stored = repr(list(session.execute(f"SELECT * FROM {keyspace}.{table}")))
        assert PASSWORD not in stored
        assert new not in stored
        assert cara.token not in stored


# -- Open mode, as the driver's guide is read


def test_without_a_login_there_is_one_user_who_sees_all(client: Client) -> None:
    me = client.get("/users/me").ok()
    assert me["name"] == "You"
    client.patch("/users/me", json={"name": "x"}).problem(409, "not_stored")
    user = client.post("/users/", json=body()).ok(201)
    assert client.get(f"/users/{user['id']}").ok() == user
    assert client.patch(f"/users/{user['id']}", json={"age": 7}).ok()["age"] == 7
    found = {each["id"] for each in walk(client)}
    assert user["id"] in found
    assert client.delete(f"/users/{user['id']}").status == 204
    client.get(f"/users/{user['id']}").problem(404, "not_found")
    assert user["id"] not in {each["id"] for each in walk(client)}


def walk(client: Client) -> list[dict[str, Any]]:
    users, cursor = [], None
    while True:
        page = client.get("/users/", limit=3, **({"cursor": cursor} if cursor else {}))
        users += page.ok()
        cursor = page.headers.get("Next-Cursor")
        if cursor is None:
            return users
