"""Limits: shared by all workers, told in standard headers, remembered through a restart."""

import re
from collections.abc import Callable
from typing import Any

import pytest

from taskapp.cassandra.connection import db
from taskapp.cassandra.rates import Limiter
from taskapp.kit.rate import Rate
from tests.fixtures.accounts import PASSWORD, bearer, log_in, register
from tests.fixtures.client import Client
from tests.fixtures.service import NewService, Service


@pytest.fixture
def strict(new_service: NewService, new_keyspace: Callable[[], str]) -> Service:
    """A service with limits that are soon reached; a day, so that no test is slower than they are."""
    return new_service(TASKAPP_AUTH="token", TASKAPP_WORKERS=2, TASKAPP_RATE_WRITES="20/day", TASKAPP_PROXIES=1,
                       TASKAPP_RATE_LOGIN="6/day", TASKAPP_CASSANDRA_KEYSPACE=new_keyspace())


def test_a_token_may_write_so_often(strict: Service) -> None:
    ann = register(strict.url)
    answers = [ann.client.post("/tasks/", json={"title": str(number)}) for number in range(25)]
    assert [answer.status for answer in answers] == [201] * 20 + [429] * 5
    assert answers[0].headers["RateLimit-Policy"] == '"writes";q=20;w=86400'
    left = [int(re.fullmatch(r'"writes";r=(\d+);t=\d+', answer.headers["RateLimit"])[1])  # type: ignore[index]
            for answer in answers]
    # The other worker's share is known when it matters.
    assert left[-6:] == [0] * 6
    assert sorted(left, reverse=True) == left or max(left) == 19
    refused = answers[-1]
    assert "20 in 86400 s" in refused.problem(429, "rate_limited")["detail"]
    assert 1 <= int(refused.headers["Retry-After"]) <= 2 * 86_400
    # Reading goes on; so does another token, up to its own limit.
    assert len(ann.client.get("/tasks/").ok()) == 20
    other = Client(strict.url, bearer(log_in(strict.url, ann.email)["token"]))
    other.post("/tasks/", json={"title": "x"}).ok(201)


def test_an_address_may_log_in_so_often_and_a_restart_does_not_help(strict: Service) -> None:
    wrong = {"email": "nobody@example.com", "password": PASSWORD}
    client = Client(strict.url)
    assert [client.post("/tokens/", json=wrong).status for _ in range(8)] == [401] * 6 + [429] * 2
    client.post("/users/", json={"name": "x"}).problem(429, "rate_limited")
    # Another address is not held up; a client cannot choose its own.
    for address, status in (("192.0.2.7", 401), ("198.51.100.1, 127.0.0.1", 429)):
        assert client.post("/tokens/", json=wrong, headers={"X-Forwarded-For": address}).status == status
    strict.restart()
    Client(strict.url).post("/tokens/", json=wrong).problem(429, "rate_limited")


def test_addresses_of_one_network_count_as_one(strict: Service) -> None:
    client = Client(strict.url)
    sent = [client.post("/tokens/", json={}, headers={"X-Forwarded-For": f"2001:db8:0:1::{number:x}"}).status
            for number in range(7)]
    assert sent == [401] * 6 + [429]
    assert client.post("/tokens/", json={}, headers={"X-Forwarded-For": "2001:db8:0:2::1"}).status == 401


def test_open_mode_has_none(client: Client) -> None:
    answer = client.post("/tasks/", json={"title": "x"})
    assert answer.status == 201
    assert "RateLimit" not in answer.headers


# -- The rule itself, on a real node with a clock that is held


@pytest.fixture
def limiters(service: Service, session: Any, keyspace: str, monkeypatch: pytest.MonkeyPatch
             ) -> Callable[[str, int], list[Limiter]]:
    """Make limiters as several processes have them, whose clock the test sets."""
    monkeypatch.setattr(db, "keyspace", keyspace)
    monkeypatch.setattr(db, "_prepared", {})

    def make(policy: str, quota: int) -> list[Limiter]:
        return [Limiter(policy, Rate(quota, 60), lambda: make.now) for _ in range(3)]  # type: ignore[attr-defined]

    make.now = 6_000_000.0  # type: ignore[attr-defined]
    return make


def test_three_processes_share_one_quota(limiters: Any) -> None:
    three = limiters("shared", 100)
    passed = sum(limiter.take("k").allowed for _ in range(80) for limiter in three)
    assert 100 <= passed <= 103
    assert not any(limiter.take("k").allowed for limiter in three)
    assert three[0].take("another").allowed


def test_a_quota_comes_back_slowly(limiters: Any) -> None:
    one = limiters("slowly", 10)[0]
    assert sum(one.take("k").allowed for _ in range(20)) == 10
    limiters.now += 60
    assert not one.take("k").allowed
    limiters.now += 30
    assert sum(one.take("k").allowed for _ in range(20)) == 5
    limiters.now += 120
    assert sum(one.take("k").allowed for _ in range(20)) == 10


def test_what_was_used_is_known_after_a_restart(limiters: Any) -> None:
    before, after = limiters("restart", 8)[:2]
    assert sum(before.take("k").allowed for _ in range(8)) == 8
    assert not after.take("k").allowed


def test_control_without_sharing_each_process_has_a_quota_of_its_own(limiters: Any, monkeypatch: pytest.MonkeyPatch
                                                                    ) -> None:
    three = limiters("alone", 10)
    monkeypatch.setattr(Limiter, "_share", lambda self, key, use: None)
    assert sum(limiter.take("k").allowed for _ in range(20) for limiter in three) == 30


def test_a_browser_may_ask_whether_a_page_may_call(new_service: NewService) -> None:
    origin = "https://app.example"
    service = new_service(TASKAPP_AUTH="token", TASKAPP_CORS_ORIGINS=origin, TASKAPP_RATE_LOGIN="6/day")
    asks = {"Origin": origin, "Access-Control-Request-Method": "POST", "Access-Control-Request-Headers":
            "authorization, content-type, idempotency-key"}
    client = Client(service.url)
    for path in ("/tasks/", f"/tasks/{'0' * 8}-0000-4000-8000-{'0' * 12}", "/users/me", *["/tokens/"] * 8):
        answer = client.send("OPTIONS", path, headers=asks)
        assert answer.status == 200, path
        assert answer.headers["Access-Control-Allow-Origin"] == origin
        assert "authorization" in answer.headers["Access-Control-Allow-Headers"].lower()
        assert "RateLimit" not in answer.headers
    foreign = client.send("OPTIONS", "/tasks/", headers={**asks, "Origin": "https://evil.example"})
    assert "Access-Control-Allow-Origin" not in foreign.headers
