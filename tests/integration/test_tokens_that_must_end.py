"""What must end does end: with a new password, a revocation, a second secret, whatever happens at the same time.

Red when: a token is made by one that was trusted a moment ago; a new password leaves tokens alive because the tables of
tokens cannot be reached; two answers with one Idempotency-Key both leave a secret that works.
"""

import secrets
import uuid
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import psutil
import pytest

from tests.fixtures.accounts import PASSWORD, Account, NewAccount, bearer, log_in, register
from tests.fixtures.client import Client
from tests.fixtures.protocol_proxy import Proxy, counts, error
from tests.fixtures.service import NewService, Service, until

NEW = "a whole new password"
UNAVAILABLE = error(0x1000, counts(2, 1))


def works(url: str, token: str) -> bool:
    return Client(url, bearer(token)).get("/users/me").status == 200


def none_works(url: str, tokens: list[str]) -> None:
    until(lambda: not any(works(url, token) for token in tokens), 5.0, "a token is good after five seconds")


@pytest.fixture(scope="module")
def behind(proxy: Proxy, new_service: NewService) -> Service:
    """A service whose database can be made to fail, with time enough to send again what got no answer."""
    return new_service(TASKAPP_AUTH="token", TASKAPP_CASSANDRA_CONTACT_POINTS=proxy.address, TASKAPP_LOGIN_QUEUE=16,
                       TASKAPP_CASSANDRA_PORT=proxy.port, TASKAPP_SWEEP_INTERVAL=0, TASKAPP_BREAKER_SHARE=2,
                       TASKAPP_RATE_LOGIN="100000/minute", TASKAPP_RATE_WRITES="100000/minute",
                       TASKAPP_REQUEST_BUDGET=6, TASKAPP_REQUEST_TIMEOUT=6)


def test_a_revoked_token_makes_no_other(new_account: NewAccount, anybody: Client) -> None:
    cara = new_account("Cara")
    lost = cara.client.post("/tokens/", json={"name": "lost"}).ok(201)
    thieves = [Client(anybody.url, bearer(lost["token"])) for _ in range(6)]
    for each in thieves:
        # Both workers trust it for three seconds.
        each.get("/users/me").ok()
    assert cara.client.delete(f"/tokens/{lost['token_id']}").status == 204
    for each in thieves:
        each.post("/tokens/", json={"name": "stolen"}).problem(401, "unauthorized")
    assert [each["token_id"] for each in cara.client.get("/tokens/").ok()] == [cara.token_id]


def test_what_a_stolen_token_makes_ends_with_the_password(new_account: NewAccount, anybody: Client) -> None:
    cara = new_account("Cara")
    stolen = log_in(anybody.url, cara.email)["token"]
    made: list[str] = []

    def steal(_: int) -> None:
        answer = Client(anybody.url, bearer(stolen)).post("/tokens/", json={"name": "stolen"})
        while answer.status == 201:
            made.append(answer.json["token"])
            answer = Client(anybody.url, bearer(stolen)).post("/tokens/", json={"name": "stolen"})

    with ThreadPoolExecutor(3) as pool:
        thieves = [pool.submit(steal, number) for number in range(3)]
        until(lambda: len(made) > 5, 20, "nobody steals")
        cara.client.patch("/users/me", json={"password": NEW, "current_password": PASSWORD}).ok()
        for each in thieves:
            each.result(20)
    none_works(anybody.url, [stolen, *made])
    cara.client.get("/users/me").ok()
    assert {each["token_id"] for each in cara.client.get("/tokens/").ok()} == {cara.token_id}


def test_a_new_password_ends_tokens_whose_tables_cannot_be_reached(behind: Service, proxy: Proxy) -> None:
    cara = register(behind.url, "Cara")
    other = log_in(behind.url, cara.email)["token"]
    with proxy.rule("token_id > :after", UNAVAILABLE) as rule:
        cara.client.patch("/users/me", json={"password": NEW, "current_password": PASSWORD}).ok()
        assert rule.met
    none_works(behind.url, [other])
    cara.client.get("/users/me").ok()
    assert works(behind.url, log_in(behind.url, cara.email, NEW)["token"])
    assert other not in {each["token_id"] for each in cara.client.get("/tokens/").ok()}


def test_a_user_who_leaves_is_gone_although_their_tokens_cannot_be_reached(behind: Service, proxy: Proxy) -> None:
    cara = register(behind.url, "Cara")
    with proxy.rule("token_id > :after", UNAVAILABLE) as rule:
        assert cara.client.delete("/users/me").status == 204
        assert rule.met
    none_works(behind.url, [cara.token])
    Client(behind.url).post("/users/", json={"name": "C", "email": cara.email, "password": PASSWORD}).ok(201)


def test_logins_at_once_with_one_key_leave_one_secret(new_account: NewAccount, anybody: Client) -> None:
    cara = new_account("Cara")

    def make(key: str) -> tuple[int, str]:
        answer = Client(anybody.url, bearer(cara.token)).post("/tokens/", json={}, headers={"Idempotency-Key": key})
        return (201, answer.ok(201)["token"]) if answer.status == 201 else (answer.status, answer.json["code"])

    for _ in range(4):
        with ThreadPoolExecutor(4) as pool:
            answers = list(pool.map(make, [secrets.token_hex(8)] * 4))
        given = [token for status, token in answers if status == 201]
        assert {answer for answer in answers if answer[0] != 201} <= {(409, "idempotency_in_flight")}
        assert given
        until(lambda given=given: sum(works(anybody.url, token) for token in given) <= 1, 5.0,  # type: ignore[misc]
              "two secrets of one token")
    assert len(cara.client.get("/tokens/").ok()) == 5


@pytest.mark.parametrize("other", [{"scopes": ["tasks:read"]}, {"expires_in": 60}, {"name": "other"}])
def test_another_token_with_that_key_is_refused(ann: Account, other: dict[str, Any]) -> None:
    key = {"Idempotency-Key": secrets.token_hex(8)}
    made = ann.client.post("/tokens/", json={"name": "first"}, headers=key).ok(201)
    ann.client.post("/tokens/", json={"name": "first", **other}, headers=key).problem(422, "idempotency_mismatch")
    assert works(ann.client.url, made["token"])


def test_a_key_is_good_again_after_a_late_use_of_its_revoked_token(new_account: NewAccount, session: Any, keyspace: str
                                                                   ) -> None:
    cara, key = new_account("Cara"), {"Idempotency-Key": secrets.token_hex(8)}
    made = cara.client.post("/tokens/", json={}, headers=key).ok(201)
    assert cara.client.delete(f"/tokens/{made['token_id']}").status == 204
    session.execute(f"UPDATE {keyspace}.tokens_by_user SET last_use = {{address: '127.0.0.1'}} "
                    "WHERE user_id = %s AND token_id = %s", (uuid.UUID(cara.user["id"]), uuid.UUID(made["token_id"])))
    again = cara.client.post("/tokens/", json={}, headers=key).ok(201)
    assert again["token_id"] == made["token_id"]
    assert works(cara.client.url, again["token"])
    assert len(cara.client.get("/tokens/").ok()) == 2


def test_no_token_is_left_out_of_the_list(new_account: NewAccount, session: Any, keyspace: str) -> None:
    cara = new_account("Cara")
    made = {cara.client.post("/tokens/", json={"name": str(number)}).ok(201)["token_id"] for number in range(7)}
    for _ in range(20):
        # What a use leaves that was noted while its token was revoked.
        session.execute(f"UPDATE {keyspace}.tokens_by_user SET last_use = {{address: '127.0.0.1'}} "
                        "WHERE user_id = %s AND token_id = %s", (uuid.UUID(cara.user["id"]), uuid.uuid4()))
    for limit in (1, 2, 3, 200):
        listed = [each["token_id"] for each in cara.client.walk("/tokens/", limit=limit)]
        assert sorted(listed) == sorted({*made, cara.token_id}), limit


# -- What comes late


def test_a_revocation_whose_answer_was_lost_is_sent_again(behind: Service, proxy: Proxy) -> None:
    cara = register(behind.url, "Cara")
    other = log_in(behind.url, cara.email)
    with proxy.rule("revoked_by = :revoked_by", None, late=True, times=1) as rule:
        assert cara.client.delete(f"/tokens/{other['token_id']}").status == 204
    assert rule.release() == 1
    none_works(behind.url, [other["token"]])
    assert [each["token_id"] for each in cara.client.get("/tokens/").ok()] == [cara.token_id]


def test_a_secret_whose_place_another_takes_late_has_ended(behind: Service, proxy: Proxy) -> None:
    cara, key = register(behind.url, "Cara"), {"Idempotency-Key": secrets.token_hex(8)}
    first = cara.client.post("/tokens/", json={}, headers=key).ok(201)
    with proxy.rule("IF token_hash = :before", None, late=True) as rule:
        cara.client.post("/tokens/", json={}, headers=key).problem(503, "outcome_unknown")
    assert rule.release()
    assert cara.client.delete(f"/tokens/{first['token_id']}").status == 204
    none_works(behind.url, [first["token"]])
    assert [each["token_id"] for each in cara.client.get("/tokens/").ok()] == [cara.token_id]


# -- What a killed worker leaves


@pytest.fixture
def alone(new_service: NewService) -> Service:
    return new_service(TASKAPP_AUTH="token", TASKAPP_WORKERS=1)


def test_no_process_is_left_of_a_worker_that_is_killed(alone: Service) -> None:
    register(alone.url)
    worker, = psutil.Process(alone.pid).children()
    children = worker.children(recursive=True)
    assert children, "the password's process"
    worker.kill()
    assert psutil.wait_procs(children, timeout=20)[1] == []
