"""Every error is a problem (RFC 9457), whoever made it: Flask, the service, or gunicorn itself.

Red when an error handler is taken away, or a handler lets a library's own page through; `check_problem` is tested
against planted ones at the end.
"""

import json
import socket
import uuid
from urllib.parse import urlsplit

import pytest
import urllib3

from tests.fixtures.client import PROBLEM, Answer, Client, check_problem
from tests.fixtures.service import Service

JSON = {"Content-Type": "application/json"}
UNKNOWN = "5b6a7a5e-35f0-4a3c-9d51-0d1d0e6e7a11"


@pytest.mark.parametrize("path", [
    "/nothing", "/tasks/x", "/tasks/123", f"/tasks/{UNKNOWN}", f"/tasks/{UNKNOWN}x", f"/tasks/{UNKNOWN}/history",
    f"/tasks/{UNKNOWN}/nothing", "/%00", "/tasks/%00", "/tasks/%ff", "/tasks/..%2f", "/favicon.ico"])
def test_404(client: Client, path: str) -> None:
    client.get(path).problem(404, "not_found")


@pytest.mark.parametrize(("method", "tail", "body"), [
    ("GET", "", None), ("PUT", "", {"title": "x"}), ("PATCH", "", {}), ("DELETE", "", None),
    ("POST", "/restore", None), ("POST", "/undo", None), ("GET", "/history", None)])
def test_a_missing_task_is_404_on_every_route(client: Client, method: str, tail: str, body: object) -> None:
    for task_id in (UNKNOWN, "no-uuid"):
        given = {} if body is None else {"json": body}
        problem = client.send(method, f"/tasks/{task_id}{tail}", **given).problem(404, "not_found")
        assert problem["detail"] == "Task not found"


def test_an_unknown_project_is_404(client: Client) -> None:
    client.get("/tasks/", project=UNKNOWN).problem(404, "not_found")
    client.post("/tasks/", json={"title": "x", "project_id": UNKNOWN}).problem(404, "not_found")
    made = client.make()
    client.patch(f"/tasks/{made['task_id']}", json={"project_id": UNKNOWN}).problem(404, "not_found")
    assert client.read(made) == made


@pytest.mark.parametrize(("method", "path", "allowed"), [
    ("DELETE", "/tasks/", {"GET", "HEAD", "OPTIONS", "POST"}), ("POST", f"/tasks/{UNKNOWN}",
     {"GET", "HEAD", "OPTIONS", "PUT", "PATCH", "DELETE"}), ("GET", f"/tasks/{UNKNOWN}/undo", {"OPTIONS", "POST"}),
    ("POST", "/", {"GET", "HEAD", "OPTIONS"}), ("PUT", "/health/live", {"GET", "HEAD", "OPTIONS"}),
    ("TRACE", "/tasks/", {"GET", "HEAD", "OPTIONS", "POST"}), ("BREW", "/tasks/", {"GET", "HEAD", "OPTIONS", "POST"})])
def test_405_names_what_is_allowed(client: Client, method: str, path: str, allowed: set[str]) -> None:
    answer = client.send(method, path)
    answer.problem(405, "method_not_allowed")
    assert {name.strip() for name in answer.headers["Allow"].split(",")} == allowed


@pytest.mark.parametrize("body", [
    b"", b"{", b"nul", b'{"title":"a",}', b'{"title":"a","title":"b"}', b'{"title":NaN}', b'{"title":"\xff"}',
    '{"title":"a"}'.encode("utf-16"), b"title=a", b'{"title":"a"} {}', b"\xef\xbb\xbf{}"])
def test_400_what_is_no_json(client: Client, body: bytes) -> None:
    client.post("/tasks/", body=body, headers=JSON).problem(400, "bad_json")
    client.patch(f"/tasks/{client.make()['task_id']}", body=body, headers=JSON).problem(400, "bad_json")


@pytest.mark.parametrize(("name", "value"), [
    ("If-Match", "7"), ("If-Match", '"7'), ("If-Match", ""), ("Idempotency-Key", ""), ("Idempotency-Key", "a b"),
    ("Idempotency-Key", "x" * 256), ("Idempotency-Key", "\u00e9")])
def test_400_bad_headers_of_writes(client: Client, name: str, value: str) -> None:
    path = f"/tasks/{client.make()['task_id']}"
    for send in (client.patch, client.put):
        problem = send(path, json={"title": "x"}, headers={name: value.encode("latin-1")}).problem(400, "bad_header")
        assert name in problem["detail"]
    client.delete(path, headers={name: value.encode("latin-1")}).problem(400, "bad_header")


@pytest.mark.parametrize(("name", "value"), [
    ("If-None-Match", "7"), ("Consistency-Level", "TWO"), ("Consistency-Level", ""), ("Consistency-Level", "one")])
def test_400_bad_headers_of_reads(client: Client, name: str, value: str) -> None:
    problem = client.get(f"/tasks/{client.make()['task_id']}", headers={name: value}).problem(400, "bad_header")
    assert name in problem["detail"]


def test_if_none_match_on_put_is_a_star(client: Client) -> None:
    client.put(f"/tasks/{uuid.uuid4()}", json={"title": "x"}, headers={"If-None-Match": '"1"'}
               ).problem(400, "bad_header")


LIMIT = 1024 * 1024
SMALL = b'{"title":"x"}'


def test_413(client: Client) -> None:
    path = f"/tasks/{client.make()['task_id']}"
    for method, to in (("POST", "/tasks/"), ("PUT", path), ("PATCH", path)):
        answer = Client(client.url).send(method, to, body=SMALL + b" " * (LIMIT - len(SMALL) + 1), headers=JSON)
        assert str(LIMIT) in answer.problem(413, "too_large")["detail"]
        assert client.send(method, to, body=SMALL + b" " * (LIMIT - len(SMALL)), headers=JSON).status in (200, 201)


def test_after_a_413_the_connection_serves_or_says_that_it_ends(client: Client) -> None:
    answer = client.post("/tasks/", body=SMALL + b" " * LIMIT, headers=JSON)
    answer.problem(413, "too_large")
    if answer.headers.get("Connection", "").lower() != "close":
        assert client.get("/health/live").status == 200


def test_413_without_a_length(client: Client) -> None:
    chunks = iter([b'{"title":"' + b"x" * 500_000] * 3)
    answer = client._pool.urlopen("POST", "/tasks/", body=chunks, headers={**JSON, "Transfer-Encoding": "chunked"})
    Answer(answer).problem(413, "too_large")


@pytest.mark.parametrize("sent", [
    "text/plain", "application/x-www-form-urlencoded", "multipart/form-data; boundary=x", "application/xml",
    "application/json; charset=latin-1", "application/merge-patch+json", "application/problem+json", "json"])
def test_415(client: Client, sent: str) -> None:
    client.post("/tasks/", body=b'{"title":"x"}', headers={"Content-Type": sent}
                ).problem(415, "unsupported_media_type")


def test_415_for_a_coding_that_is_not_read(client: Client) -> None:
    client.post("/tasks/", body=b"\x1f\x8b", headers={**JSON, "Content-Encoding": "gzip"}
                ).problem(415, "unsupported_media_type")


# -- What gunicorn answers by itself

def raw(service: Service, request: bytes) -> Answer:
    """Send bytes, and read whatever comes until the end."""
    place = urlsplit(service.url)
    with socket.create_connection((place.hostname, place.port or 80), timeout=10) as connection:
        connection.sendall(request)
        data = b""
        while chunk := connection.recv(65536):
            data += chunk
            head, found, body = data.partition(b"\r\n\r\n")
            if found and len(body) >= _length(head):
                break
    lines = head.decode("latin-1").split("\r\n")
    headers = urllib3.HTTPHeaderDict(line.split(": ", 1) for line in lines[1:])  # type: ignore[misc]
    return Answer(urllib3.HTTPResponse(body, headers, int(lines[0].split()[1]), preload_content=True))


def _length(head: bytes) -> int:
    lengths = [line.split(b":")[1] for line in head.lower().split(b"\r\n") if line.startswith(b"content-length:")]
    return int(lengths[0]) if lengths else 1 << 30


def request(target: str = "/tasks/", *headers: str, method: str = "GET") -> bytes:
    lines = [f"{method} {target} HTTP/1.1", "Host: localhost", "Connection: close", *headers]
    return ("\r\n".join(lines) + "\r\n\r\n").encode("latin-1")


def test_414(service: Service) -> None:
    raw(service, request("/tasks/?q=" + "x" * 9000)).problem(414, "uri_too_long")


def test_431(service: Service) -> None:
    raw(service, request("/tasks/", "X-Long: " + "x" * 9000)).problem(431, "headers_too_large")
    raw(service, request("/tasks/", *[f"X-{index}: x" for index in range(200)])).problem(431, "headers_too_large")


@pytest.mark.parametrize("sent", [
    b"nonsense\r\n\r\n", b"GET /\r\n\r\n", b"GET / HTTP/9.9\r\n\r\n", b"GET / HTTP/1.1\r\nHost : x\r\n\r\n",
    b"POST /tasks/ HTTP/1.1\r\nHost: localhost\r\nContent-Length: x\r\n\r\n",
    b"POST /tasks/ HTTP/1.1\r\nHost: localhost\r\nContent-Length: 2\r\nTransfer-Encoding: chunked\r\n\r\n"])
def test_400_for_what_is_no_http(service: Service, sent: bytes) -> None:
    raw(service, sent).problem(400, "bad_request")


def test_a_request_that_stops_halfway_is_a_problem(service: Service) -> None:
    place = urlsplit(service.url)
    with socket.create_connection((place.hostname, place.port or 80), timeout=10) as connection:
        connection.sendall(request("/tasks/", *["Content-Type: application/json", "Content-Length: 50"],
                                   method="POST") + b'{"title"')
        connection.shutdown(socket.SHUT_WR)
        data = b"".join(iter(lambda: connection.recv(65536), b""))
    assert data == b"" or b" 400 " in data.split(b"\r\n")[0]


def test_the_service_still_answers_after_all_that(client: Client) -> None:
    assert client.get("/health/ready").status == 200


# -- The check itself

@pytest.mark.parametrize("broken", [
    {"Content-Type": "text/html"}, {"title": None}, {"type": "/problems/other"}, {"status": 400}, {"errors": []},
    {"detail": ""}, {"request_id": ""}, {"detail": "Traceback (most recent call last)"}])
def test_control_a_bad_problem_is_seen(broken: dict[str, object]) -> None:
    body = {"type": "/problems/not-found", "title": "Not Found", "status": 404, "code": "not_found",
            "detail": "No.", "request_id": "1"}
    headers = {"Content-Type": PROBLEM}

    def answer(changes: dict[str, object]) -> Answer:
        head = {**headers, **{name: str(value) for name, value in changes.items() if name in headers}}
        kept = {name: value for name, value in {**body, **changes}.items() if name not in headers and value is not None}
        return Answer(urllib3.HTTPResponse(json.dumps(kept).encode(), head, 404, preload_content=True))

    check_problem(answer({}))
    with pytest.raises(AssertionError):
        check_problem(answer(broken))
