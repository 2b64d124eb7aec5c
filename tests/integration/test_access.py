"""Who may do what: every route × method × caller, from the URL map, so that a new route without a row fails."""

import secrets
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import pytest

from taskapp import create_app
from taskapp.http.contract import AUTHENTICATED, PUBLIC, contract_of
from taskapp.kit.caller import SCOPES, grantable
from taskapp.settings import Settings
from tests.fixtures.accounts import PASSWORD, Account, NewAccount, bearer, log_in
from tests.fixtures.client import Answer, Client
from tests.fixtures.service import Service, until

CALLERS = ("owner", "stranger", "no token", "revoked", "expired", "too narrow a scope")
Make = Callable[["Owner"], str]


@dataclass(frozen=True)
class Owner:
    """Whose things are asked for."""

    account: Account

    def task(self) -> str:
        return str(self.account.client.make("a task")["task_id"])

    def trashed(self) -> str:
        task_id = self.task()
        self.account.client.delete(f"/tasks/{task_id}").ok()
        return task_id

    def token(self) -> str:
        return str(self.account.client.post("/tokens/", json={"name": "another"}).ok(201)["token_id"])

    def user(self) -> str:
        return str(self.account.user["id"])


@dataclass(frozen=True)
class Row:
    """What a route answers its owner, and a stranger; the others' answers follow from its scope.

    :param path: makes the thing that is asked for, and the path to it
    """

    owner: int
    stranger: int
    path: Make
    body: Callable[[], Any] = field(default=lambda: None)


def at(path: str) -> Make:
    return lambda _: path


def task(rest: str = "") -> Make:
    return lambda owner: f"/tasks/{owner.task()}{rest}"


def new_user() -> dict[str, str]:
    return {"name": "Eve", "email": f"{secrets.token_hex(6)}@example.com", "password": PASSWORD}


def title() -> dict[str, str]:
    return {"title": "x"}


PAGES = {("GET", rule): Row(200, 200, at(path)) for rule, path in (
    ("/", "/"), ("/app/", "/app/"), ("/app/<path:name>", "/app/index.html"), ("/docs", "/docs"),
    ("/openapi.json", "/openapi.json"), ("/problems/<slug>", "/problems/not-found"), ("/health/live", "/health/live"),
    ("/health/ready", "/health/ready"))}
ROWS: dict[tuple[str, str], Row] = {
    **PAGES,
    # Only administrators read metrics and list users: to these two, each is a stranger.
    ("GET", "/metrics"): Row(403, 403, at("/metrics")),
    ("GET", "/users/"): Row(403, 403, at("/users/")),
    ("POST", "/users/"): Row(201, 201, at("/users/"), new_user),
    ("GET", "/users/<user_id>"): Row(200, 404, lambda owner: f"/users/{owner.user()}"),
    ("GET", "/users/<user_id>/events"): Row(200, 404, lambda owner: f"/users/{owner.user()}/events"),
    ("PATCH", "/users/<user_id>"): Row(200, 404, lambda owner: f"/users/{owner.user()}", lambda: {"age": 7}),
    ("POST", "/tokens/"): Row(201, 201, at("/tokens/"), dict),
    ("GET", "/tokens/"): Row(200, 200, at("/tokens/")),
    ("DELETE", "/tokens/<token_id>"): Row(204, 404, lambda owner: f"/tokens/{owner.token()}"),
    ("POST", "/tasks/"): Row(201, 201, at("/tasks/"), title),
    ("GET", "/tasks/"): Row(200, 200, at("/tasks/")),
    ("GET", "/tasks/<task_id>"): Row(200, 404, task()),
    ("PUT", "/tasks/<task_id>"): Row(200, 404, task(), title),
    ("PATCH", "/tasks/<task_id>"): Row(200, 404, task(), title),
    ("DELETE", "/tasks/<task_id>"): Row(200, 404, task()),
    ("POST", "/tasks/<task_id>/restore"): Row(200, 404, lambda owner: f"/tasks/{owner.trashed()}/restore"),
    ("POST", "/tasks/<task_id>/undo"): Row(200, 404, task("/undo")),
    ("GET", "/tasks/<task_id>/history"): Row(200, 404, task("/history")),
    # Wildlife is everybody's.
    ("POST", "/animal"): Row(201, 201, at("/animal"), lambda: {"genus": "Pica", "species": secrets.token_hex(6)}),
    ("GET", "/animal/<genus>"): Row(200, 200, at("/animal/Vanessa")),
    ("GET", "/animal/<genus>/<species>"): Row(404, 404, at("/animal/Vanessa/nobody")),
    ("GET", "/plant/<genus>"): Row(200, 200, at("/plant/Plantago")),
    # Last, since they end who asks.
    ("DELETE", "/users/<user_id>"): Row(204, 404, lambda owner: f"/users/{owner.user()}"),
}


def routes() -> list[tuple[str, str, str]]:
    """List method, rule and scope of every route."""
    app = create_app(Settings(auth="token"))
    found = []
    for rule in app.url_map.iter_rules():
        contract = contract_of(app, rule.endpoint)
        assert contract is not None
        found += [(method, rule.rule, contract.scope) for method in (rule.methods or set()) - {"HEAD", "OPTIONS"}]
    order = list(ROWS)
    return sorted(found, key=lambda each: order.index(each[:2]) if each[:2] in ROWS else -1)


ROUTES = routes()


def test_every_route_has_a_row() -> None:
    assert {(method, rule) for method, rule, _ in ROUTES} == set(ROWS)


@pytest.fixture(scope="module")
def owner(new_account: NewAccount) -> Callable[[], Owner]:
    return lambda: Owner(new_account("Olga"))


@pytest.fixture(scope="module")
def expired(new_account: NewAccount, token_service: Service) -> str:
    account = new_account("Ed")
    token: str = log_in(token_service.url, account.email, expires_in=1)["token"]
    until(lambda: Client(token_service.url, bearer(token)).get("/users/me").status == 401, 5, "it never expires")
    return token


@pytest.fixture(scope="module")
def revoked(new_account: NewAccount, token_service: Service) -> str:
    account = new_account("Rita")
    account.client.delete("/tokens/current")
    until(lambda: account.client.get("/users/me").status == 401, 5, "it never ends")
    return account.token


@pytest.mark.parametrize(("method", "rule", "scope"), ROUTES, ids=lambda each: each)
def test_access(method: str, rule: str, scope: str, owner: Callable[[], Owner], new_account: NewAccount,
                token_service: Service, expired: str, revoked: str) -> None:
    row, whose = ROWS[method, rule], owner()
    narrow = sorted(grantable(admin=False) - {scope, "account:write"})
    tokens = {
        "owner": whose.account.token, "stranger": new_account("Sam").token, "no token": None, "revoked": revoked,
        "expired": expired,
        "too narrow a scope": whose.account.client.post("/tokens/", json={"scopes": narrow}).ok(201)["token"]}
    # The owner comes last: what the others were refused must still be there.
    for caller in sorted(CALLERS, key=lambda each: each == "owner"):
        answer = ask(token_service.url, tokens[caller], method, row.path(whose), row.body())
        assert answer.status == expected(caller, scope, rule, method), f"{caller}: {answer.status} {answer.text[:300]}"


def ask(url: str, token: str | None, method: str, path: str, body: Any) -> Answer:
    client = Client(url, bearer(token) if token else {})
    return client.send(method, path, **({} if body is None else {"json": body}))


def expected(caller: str, scope: str, rule: str, method: str) -> int:
    """Tell the status that a caller must get."""
    row = ROWS[method, rule]
    if caller in ("owner", "stranger"):
        return row.owner if caller == "owner" else row.stranger
    if scope == PUBLIC and method == "GET":
        return row.owner
    if caller in ("revoked", "expired"):
        return 401
    if caller == "no token":
        # Anybody may register.
        return row.owner if rule == "/users/" and method == "POST" else 401
    if rule.startswith("/tokens/") and method != "GET":
        # Its scopes do not matter to the route, but it lacks the one to make and end others.
        return 403
    return row.owner if scope in (PUBLIC, AUTHENTICATED) else 403


def test_every_scope_is_asked_for() -> None:
    # projects:admin waits for projects.
    assert {scope for _, _, scope in ROUTES} - {PUBLIC, AUTHENTICATED} == set(SCOPES) - {"projects:admin"}
