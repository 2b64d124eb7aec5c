"""A worker dies when a change of a user or token is stored, before its answer is kept: a repeat answers as that would.

Red when a repeat does not look for what its first attempt did: a new password is then wrong (403), what was removed is
missing (404), and what another changed since is changed back.
"""

import secrets
from pathlib import Path
from typing import Any

import pytest
import urllib3

from tests.fixtures.accounts import PASSWORD, bearer, log_in, register
from tests.fixtures.client import Answer, Client
from tests.fixtures.command import Command, well
from tests.fixtures.service import COMMAND, NewService, Service, until

# A claim is taken over when its worker said nothing for ten.
SECONDS = 40
NEW = "a whole new password"


@pytest.fixture
def orders(tmp_path: Path) -> Path:
    file = tmp_path / "orders"
    file.touch()
    return file


@pytest.fixture
def mortal(make_service: NewService, new_keyspace: Any, orders: Path) -> Any:
    service = make_service(TASKAPP_CASSANDRA_KEYSPACE=new_keyspace(), TASKAPP_AUTH="token", DIE_FILE=orders,
                           DIE_AT="answer", TASKAPP_RATE_LOGIN="100000/minute", TASKAPP_LOGIN_QUEUE=16)
    service.command = [*COMMAND[:-1], "tests.chaos.dying_wsgi:app"]
    with service:
        yield service


def test_a_repeat_answers_as_the_first_attempt_would(mortal: Service, orders: Path, command: Command) -> None:
    email, keyspace = f"{secrets.token_hex(6)}@example.com", mortal.environment["TASKAPP_CASSANDRA_KEYSPACE"]
    well(command(keyspace, "create-admin", email, "--json", TASKAPP_ADMIN_PASSWORD=PASSWORD))
    admin = bearer(log_in(mortal.url, email)["token"])
    cara, dan, eve = (register(mortal.url, name) for name in ("Cara", "Dan", "Eve"))
    other, address = log_in(mortal.url, dan.email), f"{secrets.token_hex(6)}@example.com"
    # Who sends what, and what it answers.
    requests: list[tuple[dict[str, str], str, str, Any, int]] = [
        (bearer(cara.token), "PATCH", "/users/me", {"password": NEW, "current_password": PASSWORD, "name": "C"}, 200),
        (bearer(dan.token), "PATCH", "/users/me", {"email": address}, 200),
        (bearer(dan.token), "DELETE", f"/tokens/{other['token_id']}", None, 204),
        (admin, "DELETE", f"/users/{eve.user['id']}", None, 204)]

    def send(number: int) -> Answer:
        headers, method, path, body, _ = requests[number]
        given = {} if body is None else {"json": body}
        return Client(mortal.url, headers).send(method, path, headers={"Idempotency-Key": f"key-{number}"}, **given)

    for number in range(len(requests)):
        orders.write_bytes(b"x")
        with pytest.raises(urllib3.exceptions.HTTPError):
            send(number)
        assert not orders.read_bytes()
        until(lambda: ready(mortal), 20, "no worker takes its place")
    Client(mortal.url, admin).patch(f"/users/{cara.user['id']}", json={"name": "Later"}).ok()
    # The same as another request is none that an earlier attempt has done.
    dan.client.delete(f"/tokens/{other['token_id']}", headers={"Idempotency-Key": "new"}).problem(404, "not_found")
    answers = [until(lambda number=number: taken(send, number), SECONDS, "the key stays in flight")  # type: ignore[misc]
               for number in range(len(requests))]
    assert [answer.status for answer in answers] == [request[4] for request in requests], [
        answer.text for answer in answers]
    assert answers[0].json["name"] == Client(mortal.url, admin).get(f"/users/{cara.user['id']}").ok()["name"] == "Later"
    assert log_in(mortal.url, cara.email, NEW)
    assert log_in(mortal.url, address)
    Client(mortal.url, admin).get(f"/users/{eve.user['id']}").problem(404, "not_found")
    # What was done again is what was done.
    assert [send(number).data for number in range(3)] == [answer.data for answer in answers[:3]]


def ready(service: Service) -> bool:
    try:
        return Client(service.url).get("/health/ready").status == 200
    except urllib3.exceptions.HTTPError:
        return False


def taken(send: Any, number: int) -> Answer | None:
    answer: Answer = send(number)
    return None if answer.status == 409 and answer.json["code"] == "idempotency_in_flight" else answer
