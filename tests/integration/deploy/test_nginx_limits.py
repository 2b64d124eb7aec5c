"""What nginx itself answers, and what it must leave as it is."""

import gzip
import http.client
import json
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from tests.fixtures.client import Client
from tests.integration.deploy.nginx import logged

PROBLEM = "application/problem+json"


def raw(client: Client, request: bytes) -> tuple[int, dict[str, str], bytes]:
    """Send bytes as they are."""
    place = urlsplit(client.url)
    connection = http.client.HTTPConnection(place.hostname or "", place.port, timeout=10)
    connection.connect()
    connection.sock.sendall(request)
    answer = http.client.HTTPResponse(connection.sock)
    answer.begin()
    found = answer.status, dict(answer.getheaders()), answer.read()
    answer.close()
    connection.close()
    return found


@pytest.mark.parametrize(("request_", "status", "code"), [
    (b"GET /" + b"x" * 9000 + b" HTTP/1.1\r\nHost: localhost\r\n\r\n", 414, "uri_too_long"),
    (b"GET / HTTP/1.1\r\nHost: localhost\r\nX-Long: " + b"x" * 9000 + b"\r\n\r\n", 431, "headers_too_large"),
    (b"GET / HTTP/1.1\r\n\r\n", 400, "bad_request"),
    (b"nonsense\r\n\r\n", 400, "bad_request"),
    (b"TRACE / HTTP/1.1\r\nHost: localhost\r\n\r\n", 405, "method_not_allowed"),
    (b"GET /.problem/too-large HTTP/1.1\r\nHost: localhost\r\n\r\n", 404, "not_found"),
    (b"POST /tasks/ HTTP/1.1\r\nHost: localhost\r\nContent-Length: 1048577\r\n\r\n", 413, "too_large"),
    (b"POST /tasks/ HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: chunked\r\n\r\n110000\r\n"
     + b" " * 0x110000 + b"\r\n0\r\n\r\n", 413, "too_large"),
    (b"PUT /tasks/1 HTTP/1.1\r\nHost: localhost\r\nIdempotency-Key: k\r\nTransfer-Encoding: chunked\r\n\r\n110000\r\n"
     + b" " * 0x110000 + b"\r\n0\r\n\r\n", 413, "too_large"),
    (b"POST /tasks/ HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n", 400, "bad_request"),
    (b"PUT /tasks/1 HTTP/1.1\r\nHost: localhost\r\nIdempotency-Key: k\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n", 400,
     "bad_request"),
    (b"POST /tasks/ HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: xchunked\r\n\r\n", 501, "not_implemented"),
    (b"GET / HTTP/3.0\r\nHost: localhost\r\n\r\n", 400, "bad_request"),
], ids=["line", "header", "no host", "nonsense", "method", "internal", "body", "chunked", "chunked keyed", "chunk",
        "chunk keyed", "coding", "version"])
def test_limits_are_problems(client: Client, request_: bytes, status: int, code: str) -> None:
    found, headers, body = raw(client, request_)
    problem = json.loads(body)
    assert (found, problem["code"], problem["status"]) == (status, code, status)
    assert headers["Content-Type"] == PROBLEM
    assert problem["type"] == "/problems/" + code.replace("_", "-")
    assert problem["request_id"] == headers["X-Request-ID"]
    assert headers["X-Content-Type-Options"] == "nosniff"


def test_a_body_at_the_limit_reaches_the_service(client: Client) -> None:
    body = json.dumps({"title": "x"}).encode()
    answer = client.post("/tasks/", body=body + b" " * (1024 * 1024 - len(body)))
    assert answer.ok(201)["title"] == "x"


def test_a_batch_may_be_larger(client: Client, tmp_path: Path) -> None:
    # nginx passes it on; the service has the last word.
    client.post("/tasks/batch", body=b" " * (1024 * 1024 + 1), headers={"X-Request-ID": "batch"})
    assert logged(tmp_path, "batch")["upstream"].startswith("127.0.0.1:")
    client.post("/tasks/batch", body=b" " * (8 * 1024 * 1024 + 1)).problem(413, "too_large")


def test_the_service_is_answered_through_unchanged(client: Client) -> None:
    answer = client.post("/tasks/", json={"title": "through", "description": "long " * 400})
    task = answer.ok(201)
    assert answer.headers["ETag"] == '"1"'
    assert answer.headers["Location"] == f"/tasks/{task['task_id']}"
    # Red with gzip on everywhere: nginx would write W/"1", which If-Match refuses.
    read = client.get(f"/tasks/{task['task_id']}", headers={"Accept-Encoding": "gzip"})
    assert read.headers["ETag"] == '"1"'
    client.patch(f"/tasks/{task['task_id']}", json={"priority": 1}, headers={"If-Match": read.etag}).ok()
    client.get("/tasks/a%2Fb").problem(404, "not_found")
    client.get("/tasks/", sort="nothing").problem(422, "invalid", "sort")
    client.get("/nothing").problem(404, "not_found")


def test_lists_are_compressed(client: Client) -> None:
    for number in range(10):
        client.make(f"long {number}", description="text " * 100)
    place = urlsplit(client.url)
    connection = http.client.HTTPConnection(place.hostname or "", place.port, timeout=10)
    connection.request("GET", "/tasks/?limit=10", headers={"Accept-Encoding": "gzip"})
    answer = connection.getresponse()
    assert answer.headers["Content-Encoding"] == "gzip"
    assert "Accept-Encoding" in answer.headers["Vary"]
    assert len(json.loads(gzip.decompress(answer.read()))) == 10
    connection.close()


def test_request_ids_and_hosts_go_through(client: Client) -> None:
    answer = client.get("/", headers={"X-Request-ID": "from-the-client"})
    assert answer.headers["X-Request-ID"] == "from-the-client"
    assert len(client.get("/", headers={"X-Request-ID": "not allowed!"}).headers["X-Request-ID"]) == 32
    # Open mode answers to this machine's names only, behind nginx, too.
    client.get("/", headers={"Host": "example.org"}).problem(403, "forbidden_host")
