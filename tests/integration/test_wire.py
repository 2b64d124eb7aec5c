"""What is no whole request is refused, and nothing of it is stored."""

import json
import socket
from typing import Any
from urllib.parse import urlsplit

import pytest

from tests.fixtures.client import Client
from tests.fixtures.service import Service

HEAD = b"POST /tasks/ HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n"
CHUNKED = HEAD + b"Transfer-Encoding: chunked\r\n\r\n"


def _answer(service: Service, request: bytes) -> dict[str, Any]:
    """Send bytes, end the sending side, and read the problem."""
    where = urlsplit(service.url)
    with socket.create_connection((where.hostname, where.port), timeout=30) as connection:
        connection.sendall(request)
        connection.shutdown(socket.SHUT_WR)
        received = b""
        while chunk := connection.recv(65_536):
            received += chunk
    body = received.split(b"\r\n\r\n", 1)[1]
    problem: dict[str, Any] = json.loads(body)
    return problem


@pytest.mark.parametrize("request_", [
    HEAD + b"Content-Length: 50\r\n\r\n" + b'{"title":"cut on the way"}',
    CHUNKED + b"zz\r\n{}\r\n0\r\n\r\n",
    CHUNKED + b"-e\r\n{}\r\n0\r\n\r\n",
    CHUNKED + b'1a\r\n{"title":"cut on the way"}\r\n',
], ids=["length", "no number", "negative", "no end"])
def test_a_cut_or_garbled_body_is_400(service: Service, client: Client, request_: bytes) -> None:
    assert _answer(service, request_)["status"] == 400
    titles = [task["title"] for page in client.pages(limit=200) for task in page]
    assert "cut on the way" not in titles


@pytest.mark.parametrize("origin", ["http://[", "http://[::1", "http://[x]", "null", "http://localhost.evil.example"])
def test_an_origin_that_is_none_of_ours_may_not_write(client: Client, origin: str) -> None:
    client.post("/tasks/", json={"title": "t"}, headers={"Origin": origin}).problem(403, "forbidden_host")


def test_a_body_of_just_the_limit_is_taken_in_chunks(client: Client) -> None:
    whole = b'{"title":"of full size"}'.ljust(1024 * 1024)
    where = {"Content-Type": "application/json", "Transfer-Encoding": "chunked"}
    assert client.send("POST", "/tasks/", body=iter([whole]), headers=where).status == 201


def test_answers_to_nonsense_stay_small(client: Client) -> None:
    answer = client.post("/tasks/", json={f"unknown{number}": 1 for number in range(9_000)})
    assert len(answer.problem(422, "invalid")["errors"]) == 100
    assert len(answer.data) < 20_000


def test_repeated_members_among_many_are_found_at_once(client: Client) -> None:
    body = "{" + ",".join(f'"{number:x}":1' for number in range(9_000)) + ',"x":1,"x":2}'
    client.send("POST", "/tasks/", body=body, headers={"Content-Type": "application/json"}).problem(400, "bad_json")
