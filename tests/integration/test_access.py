"""Who may do what: every route × method × caller, from the URL map, so that a new route without a row fails."""

import secrets
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, NamedTuple

import pytest

from taskapp import create_app
from taskapp.http.contract import AUTHENTICATED, PUBLIC, contract_of
from taskapp.kit.caller import SCOPES, grantable
from taskapp.settings import Settings
from tests.fixtures.accounts import PASSWORD, Account, NewAccount, bearer, log_in
from tests.fixtures.client import Answer, Client
from tests.fixtures.service import Service, until

CALLERS = ("owner", "editor", "viewer", "stranger", "no token", "revoked", "expired", "too narrow a scope")
Make = Callable[["Owner"], str]


@dataclass(frozen=True)
class Owner:
    """Whose things are asked for.

    :param project_id: the project that their tasks are in, which has an editor and a viewer besides; None for the inbox
    """

    account: Account
    project_id: str | None = None

    def task(self) -> str:
        there = {"project_id": self.project_id} if self.project_id else {}
        return str(self.account.client.make("a task", **there)["task_id"])

    def trashed(self) -> str:
        task_id = self.task()
        self.account.client.delete(f"/tasks/{task_id}").ok()
        return task_id

    def trashed_project(self) -> str:
        made = self.account.client.post("/projects/", json={"name": "Gone"}).ok(201)["project_id"]
        assert self.account.client.delete(f"/projects/{made}").status == 204
        return str(made)

    def view(self) -> str:
        view = {"name": "all", "project_id": self.project_id}
        return str(self.account.client.post("/views/", json=view).ok(201)["view_id"])

    def token(self) -> str:
        return str(self.account.client.post("/tokens/", json={"name": "another"}).ok(201)["token_id"])

    def user(self) -> str:
        return str(self.account.user["id"])


@dataclass(frozen=True)
class Row:
    """What a route answers its owner, members of their project and strangers; the others' follow from its scope.

    :param path: makes the thing that is asked for, and the path to it
    :param editor: None if members of a project are strangers, too
    """

    owner: int
    stranger: int
    path: Make
    body: Callable[[], Any] = field(default=lambda: None)
    editor: int | None = None
    viewer: int | None = None


def at(path: str) -> Make:
    return lambda _: path


def task(rest: str = "") -> Make:
    return lambda owner: f"/tasks/{owner.task()}{rest}"


def project(rest: str = "") -> Make:
    return lambda owner: f"/projects/{owner.project_id}{rest}"


def new_user() -> dict[str, str]:
    return {"name": "Eve", "email": f"{secrets.token_hex(6)}@example.com", "password": PASSWORD}


def title() -> dict[str, str]:
    return {"title": "x"}


def name() -> dict[str, str]:
    return {"name": "x"}


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
    ("GET", "/users/<user_id>"): Row(200, 404, lambda owner: f"/users/{owner.user()}", editor=200, viewer=200),
    ("GET", "/users/<user_id>/events"): Row(200, 404, lambda owner: f"/users/{owner.user()}/events", editor=403,
                                            viewer=403),
    ("PATCH", "/users/<user_id>"): Row(200, 404, lambda owner: f"/users/{owner.user()}", lambda: {"age": 7}, editor=403,
                                       viewer=403),
    ("POST", "/tokens/"): Row(201, 201, at("/tokens/"), dict),
    ("GET", "/tokens/"): Row(200, 200, at("/tokens/")),
    ("DELETE", "/tokens/<token_id>"): Row(204, 404, lambda owner: f"/tokens/{owner.token()}"),
    ("POST", "/tasks/"): Row(201, 201, at("/tasks/"), title),
    ("GET", "/tasks/"): Row(200, 200, at("/tasks/")),
    ("GET", "/tasks/<task_id>"): Row(200, 404, task(), editor=200, viewer=200),
    ("PUT", "/tasks/<task_id>"): Row(200, 404, task(), title, editor=200, viewer=403),
    ("PATCH", "/tasks/<task_id>"): Row(200, 404, task(), title, editor=200, viewer=403),
    ("DELETE", "/tasks/<task_id>"): Row(200, 404, task(), editor=200, viewer=403),
    ("POST", "/tasks/<task_id>/restore"): Row(200, 404, lambda owner: f"/tasks/{owner.trashed()}/restore", editor=200,
                                              viewer=403),
    ("POST", "/tasks/<task_id>/undo"): Row(200, 404, task("/undo"), editor=200, viewer=403),
    ("GET", "/tasks/<task_id>/history"): Row(200, 404, task("/history"), editor=200, viewer=200),
    ("POST", "/projects/"): Row(201, 201, at("/projects/"), name),
    ("GET", "/projects/"): Row(200, 200, at("/projects/")),
    ("GET", "/projects/<project_id>"): Row(200, 404, project(), editor=200, viewer=200),
    ("PATCH", "/projects/<project_id>"): Row(200, 404, project(), name, editor=403, viewer=403),
    ("GET", "/projects/<project_id>/members/"): Row(200, 404, project("/members/"), editor=200, viewer=200),
    ("POST", "/projects/<project_id>/members/"): Row(
        422, 404, project("/members/"), lambda: {"email": "nobody@example.com", "role": "viewer"}, editor=403,
        viewer=403),
    ("GET", "/projects/<project_id>/members/<user_id>"): Row(200, 404, project("/members/me"), editor=200, viewer=200),
    ("PUT", "/projects/<project_id>/members/<user_id>"): Row(
        200, 404, lambda owner: f"/projects/{owner.project_id}/members/{owner.user()}", lambda: {"role": "admin"},
        editor=403, viewer=403),
    ("DELETE", "/projects/<project_id>/members/<user_id>"): Row(
        409, 404, lambda owner: f"/projects/{owner.project_id}/members/{owner.user()}", editor=403, viewer=403),
    # In the trash, a project exists for its admins only.
    ("POST", "/projects/<project_id>/restore"): Row(200, 404,
                                                    lambda owner: f"/projects/{owner.trashed_project()}/restore"),
    ("POST", "/views/"): Row(201, 201, at("/views/"), name),
    ("GET", "/views/"): Row(200, 200, at("/views/")),
    ("GET", "/views/<view_id>"): Row(200, 404, lambda owner: f"/views/{owner.view()}", editor=200, viewer=200),
    ("PATCH", "/views/<view_id>"): Row(200, 404, lambda owner: f"/views/{owner.view()}", name, editor=200, viewer=403),
    ("DELETE", "/views/<view_id>"): Row(204, 404, lambda owner: f"/views/{owner.view()}", editor=204, viewer=403),
    # Wildlife is everybody's.
    ("POST", "/animal"): Row(201, 201, at("/animal"), lambda: {"genus": "Pica", "species": secrets.token_hex(6)}),
    ("GET", "/animal/<genus>"): Row(200, 200, at("/animal/Vanessa")),
    ("GET", "/animal/<genus>/<species>"): Row(404, 404, at("/animal/Vanessa/nobody")),
    ("GET", "/plant/<genus>"): Row(200, 200, at("/plant/Plantago")),
    # Last, since they end what is asked for, or who asks.
    ("DELETE", "/projects/<project_id>"): Row(204, 404, project(), editor=403, viewer=403),
    ("DELETE", "/users/<user_id>"): Row(204, 404, lambda owner: f"/users/{owner.user()}", editor=403, viewer=403),
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
def team(new_account: NewAccount) -> dict[str, Account]:
    return {name: new_account(name) for name in ("editor", "viewer", "stranger")}


@pytest.fixture(scope="module")
def owner(new_account: NewAccount, team: dict[str, Account]) -> Callable[[bool], Owner]:
    """Make somebody with a project of their team, or with an inbox alone."""
    def make(shared: bool) -> Owner:
        account = new_account("Olga")
        if not shared:
            return Owner(account)
        made = account.client.post("/projects/", json={"name": "Shared"}).ok(201)["project_id"]
        for role in ("editor", "viewer"):
            member = f"/projects/{made}/members/{team[role].user['id']}"
            account.client.put(member, json={"role": role}).ok(201)
        return Owner(account, made)

    return make


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
def test_access(method: str, rule: str, scope: str, owner: Callable[[bool], Owner], team: dict[str, Account],
                token_service: Service, expired: str, revoked: str) -> None:
    check(Asked(method, rule, scope), owner(ROWS[method, rule].editor is not None), team, token_service,
          {"revoked": revoked, "expired": expired})


@pytest.mark.parametrize(("method", "rule", "scope"), [each for each in ROUTES
                                                       if "<task_id>" in each[1] or "<view_id>" in each[1]],
                         ids=lambda each: each)
def test_access_to_an_inbox(method: str, rule: str, scope: str, owner: Callable[[bool], Owner],
                            team: dict[str, Account], token_service: Service, expired: str, revoked: str) -> None:
    check(Asked(method, rule, scope), owner(False), team, token_service, {"revoked": revoked, "expired": expired})


class Asked(NamedTuple):
    """A route, and the scope it asks for."""

    method: str
    rule: str
    scope: str


def check(asked: Asked, whose: Owner, team: dict[str, Account], service: Service, tokens: dict[str, str]) -> None:
    """Ask as each caller; the owner comes last, as what the others were refused must still be there."""
    row = ROWS[asked.method, asked.rule]
    narrow = sorted(grantable(admin=False) - {asked.scope, "account:write"})
    sent: dict[str, str | None] = {
        **tokens, **{name: account.token for name, account in team.items()}, "no token": None,
        "owner": whose.account.token,
        "too narrow a scope": whose.account.client.post("/tokens/", json={"scopes": narrow}).ok(201)["token"]}
    for caller in sorted(CALLERS, key=lambda each: each == "owner"):
        answer = ask(service.url, sent[caller], asked.method, row.path(whose), row.body())
        shared = whose.project_id is not None
        assert answer.status == expected(caller, asked, shared), f"{caller}: {answer.status} {answer.text[:300]}"


def ask(url: str, token: str | None, method: str, path: str, body: Any) -> Answer:
    client = Client(url, bearer(token) if token else {})
    return client.send(method, path, **({} if body is None else {"json": body}))


def expected(caller: str, asked: Asked, shared: bool) -> int:
    """Tell the status that a caller must get."""
    row = ROWS[asked.method, asked.rule]
    members = {"editor": row.editor, "viewer": row.viewer} if shared else {}
    if caller in ("owner", "editor", "viewer", "stranger"):
        found = {"owner": row.owner, **members}.get(caller)
        return row.stranger if found is None else found
    if asked.scope == PUBLIC and asked.method == "GET":
        return row.owner
    if caller in ("revoked", "expired"):
        return 401
    if caller == "no token":
        # Anybody may register.
        return row.owner if asked.rule == "/users/" and asked.method == "POST" else 401
    if asked.rule.startswith("/tokens/") and asked.method != "GET":
        # Its scopes do not matter to the route, but it lacks the one to make and end others.
        return 403
    return row.owner if asked.scope in (PUBLIC, AUTHENTICATED) else 403


def test_every_scope_is_asked_for() -> None:
    assert {scope for _, _, scope in ROUTES} - {PUBLIC, AUTHENTICATED} == set(SCOPES)
