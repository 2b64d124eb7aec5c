"""Two instances whose clocks differ: what was revoked has ended, whichever clock it was made by.

Red when a token is put at the time of a clock: one that was made by the clock that is ahead outlives its revocation by
the other, and works for as long as it was given. A row that an earlier release put so is red when it is deleted at a
lowest timestamp. Red also when progress and ledger are written at the time of a clock: what a process wrote whose clock
was ahead then stays.
"""

import hashlib
import time
import uuid
from collections.abc import Iterator
from contextlib import suppress
from typing import Any

import pytest
import urllib3

from taskapp.cassandra import migrations, progress
from taskapp.cassandra.connection import db
from tests.fixtures.accounts import PASSWORD, Account, bearer, log_in, register
from tests.fixtures.client import Client
from tests.fixtures.service import COMMAND, NewService, Service, until

# More than the five seconds within which a revocation must hold, so that to wait for it is no way out.
AHEAD = 600
KEY = {"Idempotency-Key": "a-token-that-is-made-again"}


@pytest.fixture(scope="module")
def ahead(make_service: NewService, keyspace: str) -> Iterator[Service]:
    service = make_service(TASKAPP_AUTH="token", TASKAPP_CASSANDRA_KEYSPACE=keyspace, TASKAPP_WORKERS=1,
                           TASKAPP_LOGIN_QUEUE=16, TASKAPP_RATE_LOGIN="100000/minute", CLOCK_SHIFT=AHEAD)
    service.command = [*COMMAND[:-1], "tests.fixtures.shifted_wsgi:app"]
    service.launch()
    try:
        # It says that its clock is wrong; whoever asks it all the same gets answers.
        until(lambda: "clock differs" in readiness(service), 60, service.story)
        yield service
    finally:
        service.stop()


def readiness(service: Service) -> str:
    with suppress(urllib3.exceptions.HTTPError):
        return urllib3.request("GET", f"{service.url}/health/ready", retries=False, timeout=5).data.decode()
    return ""


@pytest.fixture
def dora(token_service: Service) -> Account:
    return register(token_service.url, "Dora")


def works(token: str, *services: Service) -> list[bool]:
    return [Client(each.url, bearer(token)).get("/users/me").status == 200 for each in services]


def ends(token: str, *services: Service) -> None:
    until(lambda: not any(works(token, *services)), 5.0, "a token that was revoked works after five seconds")


def test_a_token_of_the_clock_that_is_ahead_is_revoked_by_the_other(ahead: Service, token_service: Service,
                                                                    dora: Account) -> None:
    made = log_in(ahead.url, dora.email)
    assert works(made["token"], ahead, token_service) == [True, True]
    assert dora.client.delete(f"/tokens/{made['token_id']}").status == 204
    ends(made["token"], ahead, token_service)
    assert [each["token_id"] for each in dora.client.get("/tokens/").ok()] == [dora.token_id]


@pytest.mark.parametrize("revoked_ahead", [True, False])
def test_a_key_makes_its_token_again_whichever_clock_revoked_it(ahead: Service, token_service: Service, dora: Account,
                                                                revoked_ahead: bool) -> None:
    clients = Client(ahead.url, bearer(dora.token)), dora.client
    revoking, making = clients if revoked_ahead else clients[::-1]
    first = revoking.post("/tokens/", json={}, headers=KEY).ok(201)
    assert revoking.delete(f"/tokens/{first['token_id']}").status == 204
    again = making.post("/tokens/", json={}, headers=KEY).ok(201)
    assert again["token_id"] == first["token_id"]
    assert works(again["token"], ahead, token_service) == [True, True]
    ends(first["token"], ahead, token_service)
    assert len(dora.client.get("/tokens/").ok()) == 2


def test_what_an_earlier_release_put_by_its_clock_can_be_revoked(ahead: Service, token_service: Service, dora: Account,
                                                                 session: Any, keyspace: str) -> None:
    secret, token_id = f"taskapp_{uuid.uuid4().hex}", uuid.uuid4()
    token_hash, user_id = hashlib.sha256(secret.encode()).digest(), uuid.UUID(dora.user["id"])
    minutes_ahead = int((time.time() + 300) * 1_000_000)
    for table, more in (("tokens", ""), ("tokens_by_user", ", created_at")):
        session.execute(f"INSERT INTO {keyspace}.{table} (token_id, user_id, scopes, token_hash{more}) VALUES "
                        f"(%s, %s, {{'account:write'}}, %s{', toTimestamp(now())' if more else ''}) "
                        f"USING TIMESTAMP {minutes_ahead}", (token_id, user_id, token_hash))
    assert works(secret, token_service) == [True]
    assert dora.client.delete(f"/tokens/{token_id}").status == 204
    ends(secret, token_service, ahead)


def test_a_new_password_ends_tokens_by_either_clock(ahead: Service, token_service: Service, dora: Account) -> None:
    made = log_in(ahead.url, dora.email)["token"]
    dora.client.patch("/users/me", json={"password": "a whole new password", "current_password": PASSWORD}).ok()
    ends(made, ahead, token_service)
    assert works(dora.token, ahead, token_service) == [True, True]


def test_who_goes_on_with_a_job_may_have_a_clock_behind(token_service: Service, session: Any, keyspace: str,
                                                        monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(db, "keyspace", keyspace)
    job, ahead_of_us = uuid.uuid4().hex, int((time.time() + AHEAD) * 1_000_000)
    session.execute(f"INSERT INTO {keyspace}.repair_progress (job, position, counts) VALUES ('{job}', 1, '{{}}') "
                    f"USING TIMESTAMP {ahead_of_us}")
    progress.set_(job, 2, "{}")
    assert progress.get(job) == (2, "{}")
    progress.end(job)
    assert progress.get(job) is None


def test_who_goes_on_with_a_migration_may_have_a_clock_behind(token_service: Service, session: Any, keyspace: str,
                                                              monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(db, "keyspace", keyspace)
    last = migrations.load()[-1]
    session.execute(f"INSERT INTO {keyspace}.migrations (scope, number, state, step) "
                    f"VALUES ('{migrations.SCOPE}', {last.number}, 'running', 0) "
                    f"USING TIMESTAMP {int((time.time() + AHEAD) * 1_000_000)}")
    db.cluster.refresh_schema_metadata()
    assert migrations.migrate([last])
    assert migrations.status([last])[-1].state == "applied"
