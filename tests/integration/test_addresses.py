"""Where the service answers, and to whom: slashes, prefix, names, pages of other sites (api.md; http/gate.py)."""

import re

import pytest

from tests.fixtures.client import Client
from tests.fixtures.service import NewService

BROWSER = {"Accept": "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8"}


@pytest.mark.parametrize("slash", ["", "/"])
def test_a_slash_at_the_end_is_never_needed_and_never_wrong(client: Client, slash: str) -> None:
    task = client.post(f"/tasks{slash}", json={"title": "x"}).ok(201)
    path = f"/tasks/{task['task_id']}"
    assert client.get(f"/tasks{slash}").status == 200
    assert client.get(f"{path}{slash}").ok() == task
    assert client.patch(f"{path}{slash}", json={"title": "y"}).ok()["version"] == 2
    assert client.put(f"{path}{slash}", json={"title": "z"}).ok()["version"] == 3
    assert client.get(f"{path}/history{slash}").status == 200
    assert client.post(f"{path}/undo{slash}").status == 200
    assert client.delete(f"{path}{slash}").status == 200
    assert client.post(f"{path}/restore{slash}").status == 200
    for other in ("/health/live", "/health/ready", "/metrics", "/openapi.json", "/docs"):
        assert client.get(f"{other}{slash}").status == 200


def test_the_welcome(client: Client) -> None:
    answer = client.get("/", headers={"Accept": "*/*"})
    assert answer.ok()["message"] == "Welcome to Task Manager API"
    assert client.get("/").ok()["message"] == "Welcome to Task Manager API"
    browser = client.get("/", headers=BROWSER)
    assert (browser.status, browser.headers["Location"]) == (302, "/app/")
    assert client.get("/app/", headers=BROWSER).headers["Content-Type"].startswith("text/html")


def test_the_documentation_sends_to_the_address_that_it_was_asked_at(client: Client) -> None:
    # A relative server is resolved against where the document came from (OpenAPI 3.1, 4.8.5).
    assert [each["url"] for each in client.get("/openapi.json").ok()["servers"]] == ["/"]
    assert re.findall(r"https?://", client.get("/docs").text) == []


def test_the_documentation_needs_no_other_server(client: Client) -> None:
    answer = client.get("/docs")
    assert (answer.status, answer.headers["Content-Type"].split(";")[0]) == (200, "text/html")
    needed = re.findall(r"""(?:src|href)=["']([^"']+)""", answer.text)
    assert len(needed) >= 5
    assert [each for each in needed if re.match("(https?:)?//", each)] == []


# -- Under a prefix

PREFIX = "/api/v1"


@pytest.fixture(scope="module")
def prefixed(new_service: NewService) -> Client:
    return Client(new_service(TASKAPP_URL_PREFIX=PREFIX).url)


def test_the_same_routes_under_a_prefix(prefixed: Client) -> None:
    answer = prefixed.post(f"{PREFIX}/tasks/", json={"title": "x"})
    task = answer.ok(201)
    assert answer.headers["Location"] == f"{PREFIX}/tasks/{task['task_id']}"
    assert prefixed.get(answer.headers["Location"]).ok() == task
    page = prefixed.get(f"{PREFIX}/tasks", limit=1)
    if "Link" in page.headers:
        assert page.headers["Link"].startswith(f"<{PREFIX}/tasks")
    assert prefixed.get(f"{PREFIX}/").ok()["message"] == "Welcome to Task Manager API"
    assert prefixed.get(f"{PREFIX}/", headers=BROWSER).headers["Location"] == f"{PREFIX}/app/"
    assert prefixed.get(f"{PREFIX}/openapi.json").status == 200
    assert prefixed.get(f"{PREFIX}/docs").status == 200


def test_what_is_not_there_is_a_problem_under_a_prefix_too(prefixed: Client) -> None:
    prefixed.get(f"{PREFIX}/nothing").problem(404, "not_found")
    prefixed.get(f"{PREFIX}x/tasks/").problem(404, "not_found")


# -- Open mode answers this machine alone

@pytest.mark.parametrize("host", ["localhost", "127.0.0.1", "localhost:1234", "[::1]", "[::1]:80"])
def test_names_of_this_machine(client: Client, host: str) -> None:
    assert client.get("/tasks/", headers={"Host": host}).status == 200


@pytest.mark.parametrize("host", ["evil.example", "127.0.0.1.evil.example", "localhost.evil.example", "10.0.0.1:80",
                                  "[::2]:80", "localhost@evil.example"])
def test_a_foreign_name_that_leads_here_is_refused(client: Client, host: str) -> None:
    for path in ("/tasks/", "/health/live", "/metrics", "/"):
        client.get(path, headers={"Host": host}).problem(403, "forbidden_host")
    client.post("/tasks/", json={"title": "x"}, headers={"Host": host}).problem(403, "forbidden_host")


@pytest.mark.parametrize("origin", ["https://evil.example", "null", "http://localhost.evil.example",
                                    "http://127.0.0.1.evil.example:80"])
def test_pages_of_other_sites_may_neither_write_nor_read(client: Client, origin: str) -> None:
    made = client.make()
    path, headers = f"/tasks/{made['task_id']}", {"Origin": origin}
    for answer in (client.post("/tasks/", json={"title": "x"}, headers=headers), client.delete(path, headers=headers),
                   client.patch(path, json={"title": "x"}, headers=headers),
                   client.put(path, json={"title": "x"}, headers=headers),
                   client.post(f"{path}/undo", headers=headers)):
        answer.problem(403, "forbidden_host")
    read = client.get(path, headers=headers)
    assert "Access-Control-Allow-Origin" not in read.headers
    assert client.read(made) == made


def test_a_form_of_another_site_is_refused_without_an_origin(client: Client) -> None:
    client.post("/tasks/", json={"title": "x"}, headers={"Sec-Fetch-Site": "cross-site"}
                ).problem(403, "forbidden_host")


@pytest.mark.parametrize("origin", ["http://localhost:3000", "http://127.0.0.1:5173", "https://localhost"])
def test_pages_of_this_machine_may(client: Client, origin: str) -> None:
    answer = client.post("/tasks/", json={"title": "x"}, headers={"Origin": origin})
    assert answer.status == 201
    assert answer.headers["Access-Control-Allow-Origin"] == origin
    exposed = {name.strip().lower() for name in answer.headers["Access-Control-Expose-Headers"].split(",")}
    assert {"etag", "link", "next-cursor", "location", "idempotency-replayed", "x-request-id"} <= exposed


@pytest.mark.parametrize("method", ["PUT", "PATCH", "DELETE", "POST"])
def test_preflight(client: Client, method: str) -> None:
    headers = {"Origin": "http://localhost:3000", "Access-Control-Request-Method": method,
               "Access-Control-Request-Headers": "content-type, if-match, idempotency-key, consistency-level"}
    answer = client.send("OPTIONS", f"/tasks/{client.make()['task_id']}" if method != "POST" else "/tasks/",
                         headers=headers)
    assert answer.status in (200, 204)
    assert method in answer.headers["Access-Control-Allow-Methods"]
    allowed = answer.headers["Access-Control-Allow-Headers"].lower()
    assert all(name in allowed for name in ("content-type", "if-match", "idempotency-key", "consistency-level"))
    foreign = client.send("OPTIONS", "/tasks/", headers={**headers, "Origin": "https://evil.example"})
    assert "Access-Control-Allow-Origin" not in foreign.headers


def test_hosts_and_origins_can_be_allowed(new_service: NewService) -> None:
    client = Client(new_service(TASKAPP_ALLOWED_HOSTS="tasks.example", TASKAPP_CORS_ORIGINS="https://app.example").url)
    answer = client.post("/tasks/", json={"title": "x"}, headers={"Host": "tasks.example",
                                                                 "Origin": "https://app.example"})
    assert answer.status == 201
    assert answer.headers["Access-Control-Allow-Origin"] == "https://app.example"
    client.post("/tasks/", json={"title": "x"}, headers={"Origin": "https://other.example"}
                ).problem(403, "forbidden_host")
    client.close()


# -- Consistency

@pytest.mark.parametrize("level", ["ONE", "LOCAL_ONE", "LOCAL_QUORUM", "QUORUM", "ALL", "LOCAL_SERIAL", "SERIAL"])
def test_every_consistency_level_reads(client: Client, level: str) -> None:
    made = client.make()
    headers = {"Consistency-Level": level}
    assert client.get(f"/tasks/{made['task_id']}", headers=headers).ok() == made
    for sort in ("-created_at", "due_date"):
        assert client.get("/tasks/", limit=200, sort=sort, headers=headers).status == 200
    assert client.get("/tasks/", ids=made["task_id"], headers=headers).ok() == [made]


def test_a_consistency_level_that_is_none_is_refused_on_lists_too(client: Client) -> None:
    for path in ("/tasks/", f"/tasks/?ids={client.make()['task_id']}"):
        client.get(path, headers={"Consistency-Level": "EACH_QUORUM"}).problem(400, "bad_header")
