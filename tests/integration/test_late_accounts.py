"""A conditional write that a node carries out long after its client gave up: no address is given to two, none is lost.

The proxy holds a statement back, as the socket of a node that hangs does, and lets the node have it when others have
gone on. Red when what is not seen yet is taken for not stored: when a claim is given back although its user may be
stored, or when who abandoned a claim is not hindered from storing what it is for.
"""

import secrets
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import pytest

from taskapp.kit.email import email_key
from tests.fixtures.accounts import PASSWORD, bearer, log_in, register
from tests.fixtures.client import Answer, Client
from tests.fixtures.command import Command, well
from tests.fixtures.protocol_proxy import Proxy, counts, error
from tests.fixtures.service import NewService, until

CLAIM, TAKE_OVER, RELEASE = ".users_by_email (", ".users_by_email SET", "DELETE FROM $ks.users_by_email"
CREATE, UPDATE = ".users (", ".users SET"
NOBODY_THERE = error(0x1000, counts(2, 1))
UNKNOWN = (503, "outcome_unknown")
TAKEN = (409, "email_taken")


@dataclass
class House:
    """A service behind the proxy, what holds its statements back, and what makes claims old."""

    url: str
    admin: Client
    proxy: Proxy
    age: Callable[[str], None]

    def late(self, text: str, times: int = 1_000_000) -> Any:
        return self.proxy.rule(text.replace("$ks", self.keyspace), None, late=True, times=times)

    keyspace: str = ""

    def register(self, email: str) -> Answer:
        return Client(self.url).post("/users/", json={"name": "Ann", "email": email, "password": PASSWORD})

    def owners(self, email: str) -> list[str]:
        """List the ids of the users with an address; each of them, and nobody else, can log in with it."""
        found = []
        for page in self.admin.pages("/users/", limit=200):
            found += [each["id"] for each in page if email_key(each["email"]) == email_key(email)]
        answer = Client(self.url).post("/tokens/", json={"email": email, "password": PASSWORD})
        assert answer.status == (201 if found else 401), answer.text
        if found:
            assert Client(self.url, bearer(answer.json["token"])).get("/users/me").ok()["id"] in found
        return found


@pytest.fixture(scope="module")
def house(proxy: Proxy, new_service: NewService, command: Command, keyspace: str, session: Any) -> House:
    # The circuit breaker is off: it would open at so much silence, as `test_breaker.py` shows.
    service = new_service(TASKAPP_AUTH="token", TASKAPP_CASSANDRA_CONTACT_POINTS=proxy.address, TASKAPP_LOGIN_QUEUE=16,
                          TASKAPP_CASSANDRA_PORT=proxy.port, TASKAPP_SWEEP_INTERVAL=0, TASKAPP_BREAKER_SHARE=2,
                          TASKAPP_RATE_LOGIN="100000/minute", TASKAPP_RATE_WRITES="100000/minute",
                          TASKAPP_REQUEST_BUDGET=6, TASKAPP_REQUEST_TIMEOUT=6)
    email = new_email()
    well(command(keyspace, "create-admin", email, "--json", TASKAPP_ADMIN_PASSWORD=PASSWORD))

    def age(address: str) -> None:
        session.execute(f"UPDATE {keyspace}.users_by_email SET claimed_at = '2001-01-01' "
                        f"WHERE email_key = '{address}' IF EXISTS")

    return House(service.url, Client(service.url, bearer(log_in(service.url, email)["token"])), proxy, age, keyspace)


def new_email() -> str:
    return f"{secrets.token_hex(6)}@example.com"


@pytest.mark.parametrize("text", [CLAIM, CREATE])
def test_a_registration_is_sent_again_and_the_late_one_does_nothing(house: House, text: str) -> None:
    email = new_email()
    with house.late(text, times=1) as rule:
        user = house.register(email).ok(201)
    assert rule.release() == 1
    assert house.owners(email) == [user["id"]]
    house.register(email).problem(*TAKEN)


def test_a_claim_that_comes_late_is_taken_over_when_it_is_old(house: House) -> None:
    email = new_email()
    with house.late(CLAIM) as rule:
        house.register(email).problem(*UNKNOWN)
    assert rule.release()
    house.register(email).problem(*TAKEN)
    house.age(email)
    user = house.register(email).ok(201)
    assert house.owners(email) == [user["id"]]


def test_a_user_who_comes_late_has_the_address(house: House) -> None:
    email = new_email()
    with house.late(CREATE) as rule:
        house.register(email).problem(*UNKNOWN)
    # Nobody knows yet, so nobody else gets it.
    house.register(email).problem(*TAKEN)
    assert rule.release()
    assert len(house.owners(email)) == 1
    house.age(email)
    house.register(email).problem(*TAKEN)
    assert len(house.owners(email)) == 1


def test_a_user_who_comes_when_another_has_the_address_is_not_stored(house: House) -> None:
    email = new_email()
    with house.late(CREATE) as rule:
        house.register(email).problem(*UNKNOWN)
    house.age(email)
    user = house.register(email).ok(201)
    assert rule.release()
    assert house.owners(email) == [user["id"]]


def test_a_change_of_address_is_sent_again(house: House) -> None:
    cara, new = register(house.url, "Cara"), new_email()
    with house.late(UPDATE, times=1) as rule:
        assert cara.client.patch("/users/me", json={"email": new}).ok()["email"] == new
    assert rule.release() == 1
    assert house.owners(new) == [cara.user["id"]]
    assert house.owners(cara.email) == []
    house.register(cara.email).ok(201)


def test_a_change_of_address_that_comes_late(house: House) -> None:
    cara, new = register(house.url, "Cara"), new_email()
    with house.late(UPDATE) as rule:
        cara.client.patch("/users/me", json={"email": new}).problem(*UNKNOWN)
    # It may come to either.
    for email in (cara.email, new):
        house.register(email).problem(*TAKEN)
    assert house.owners(cara.email) == [cara.user["id"]]
    assert rule.release()
    assert house.owners(new) == [cara.user["id"]]
    assert house.owners(cara.email) == []
    house.age(cara.email)
    house.register(cara.email).ok(201)
    house.age(new)
    house.register(new).problem(*TAKEN)


def test_a_change_of_address_that_comes_when_another_has_it_is_not_stored(house: House) -> None:
    cara, new = register(house.url, "Cara"), new_email()
    with house.late(UPDATE) as rule:
        cara.client.patch("/users/me", json={"email": new}).problem(*UNKNOWN)
    house.age(new)
    dan = house.register(new).ok(201)
    assert rule.release()
    assert house.owners(new) == [dan["id"]]
    assert house.owners(cara.email) == [cara.user["id"]]
    cara.client.patch("/users/me", json={"name": "C"}).ok()


def test_who_fails_for_certain_does_not_give_back_what_another_request_of_the_user_needs(house: House) -> None:
    cara, new = register(house.url, "Cara"), new_email()
    with house.late(UPDATE) as rule:
        cara.client.patch("/users/me", json={"email": new}).problem(*UNKNOWN)
    with house.proxy.rule(UPDATE, NOBODY_THERE):
        cara.client.patch("/users/me", json={"email": new}).problem(503, "unavailable")
    assert rule.release()
    house.register(new).problem(*TAKEN)
    assert house.owners(new) == [cara.user["id"]]


def test_an_address_is_free_at_once_when_it_is_certain_that_nothing_was_stored(house: House) -> None:
    email = new_email()
    with house.proxy.rule(CREATE, NOBODY_THERE):
        house.register(email).problem(503, "unavailable")
    # It is given back without waiting.
    user = until(lambda: (answer := house.register(email)).status == 201 and answer.json, 5, "the address stays taken")
    assert house.owners(email) == [user["id"]]


def test_an_address_that_is_given_back_late_is_not_taken_from_who_came_back_to_it(house: House) -> None:
    cara, new = register(house.url, "Cara"), new_email()
    with house.late(RELEASE) as rule:
        cara.client.patch("/users/me", json={"email": new}).ok()
    cara.client.patch("/users/me", json={"email": cara.email}).ok()
    assert rule.release()
    house.register(cara.email).problem(*TAKEN)
    assert house.owners(cara.email) == [cara.user["id"]]
    assert house.owners(new) == []


def test_a_claim_that_is_taken_over_late_does_nothing(house: House) -> None:
    email = new_email()
    with house.late(CREATE):
        house.register(email).problem(*UNKNOWN)
    house.age(email)
    with house.late(TAKE_OVER, times=1) as once:
        first = house.register(email).ok(201)
    assert once.release() == 1
    assert house.owners(email) == [first["id"]]
    Client(house.url, bearer(log_in(house.url, email)["token"])).delete("/users/me")
    with house.late(CREATE):
        house.register(email).problem(*UNKNOWN)
    house.age(email)
    with house.late(TAKE_OVER) as rule:
        house.register(email).problem(*UNKNOWN)
    second = house.register(email).ok(201)
    assert rule.release()
    assert house.owners(email) == [second["id"]]
    house.register(email).problem(*TAKEN)


def test_a_claim_that_comes_after_its_address_was_given_back_blocks_nobody_for_good(house: House) -> None:
    """The ghost: its first send comes when the second one's claim is gone again."""
    left, kept = new_email(), new_email()
    with house.late(CLAIM, times=1) as rule:
        house.register(left).ok(201)
    Client(house.url, bearer(log_in(house.url, left)["token"])).delete("/users/me")
    assert rule.release() == 1
    # Its user is no more, so that it is taken over at once.
    assert house.owners(left) == []
    house.register(left).ok(201)
    with house.late(CLAIM, times=1) as rule:
        house.register(kept).ok(201)
    moved = Client(house.url, bearer(log_in(house.url, kept)["token"]))
    moved.patch("/users/me", json={"email": new_email()}).ok()
    assert rule.release() == 1
    house.register(kept).problem(*TAKEN)
    house.age(kept)
    user = house.register(kept).ok(201)
    assert house.owners(kept) == [user["id"]]
    moved.patch("/users/me", json={"name": "Moved"}).ok()
