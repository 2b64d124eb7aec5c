"""Where a request ends is found whatever pieces it comes in, and what never ends is not waited for."""

import pytest
from gunicorn.config import Config
from gunicorn.http import get_parser
from hypothesis import given
from hypothesis import strategies as st

from taskapp.http.arrival import MAX_CHUNK_LINES, MAX_HEAD, READ_AT_LEAST, Arrival, Stage

LIMIT = 100
GET = b"GET /tasks/ HTTP/1.1\r\nHost: localhost\r\n\r\n"
POST = b"POST /tasks/ HTTP/1.1\r\nHost: localhost\r\n"
CHUNKED = POST + b"Transfer-Encoding: chunked\r\n\r\n"
WHOLE = {
    "get": GET,
    "old": b"GET / HTTP/1.0\r\n\r\n",
    "after-an-empty-line": b"\r\n" + GET,
    "length": POST + b"CONTENT-LENGTH:  5 \r\n\r\nhello",
    "length-0": POST + b"Content-Length: 0\r\n\r\n",
    "of-the-limit": POST + b"Content-Length: 100\r\n\r\n" + b"x" * LIMIT,
    "content-like-an-end": POST + b"Content-Length: 8\r\n\r\n\r\n\r\n\r\n\r\n",
    "chunks": CHUNKED + b"5\r\nhello\r\nA;name=value\r\n0123456789\r\n0\r\n\r\n",
    "chunks-of-the-limit": CHUNKED + b"64 ; x\r\n" + b"x" * LIMIT + b"\r\n000\r\n\r\n",
    "trailers": CHUNKED + b"1\r\nx\r\n0\r\nX-One: 1\r\nX-Two: 2\r\n\r\n",
    "chunk-like-an-end": CHUNKED + b"7\r\n0\r\n\r\n\r\n\r\n0\r\n\r\n"}


def stages(pieces: list[bytes]) -> tuple[Arrival, list[Stage]]:
    arrival = Arrival(LIMIT)
    return arrival, [arrival.add(piece) for piece in pieces]


@pytest.mark.parametrize("request_", WHOLE.values(), ids=WHOLE)
def test_a_request_is_whole_with_its_last_byte(request_: bytes) -> None:
    arrival, found = stages([bytes([byte]) for byte in request_])
    assert set(found[:-1]) <= {Stage.HEAD, Stage.BODY}
    assert found[-1] is Stage.WHOLE
    assert arrival.take() == (request_, True)
    assert (arrival.stage, len(arrival)) == (Stage.NOTHING, 0)


@given(st.lists(st.sampled_from(list(WHOLE.values())), min_size=1, max_size=4), st.data())
def test_requests_are_told_apart_whatever_pieces_they_come_in(sent: list[bytes], data: st.DataObject) -> None:
    stream, arrival, found = b"".join(sent), Arrival(LIMIT), []
    while stream:
        length = data.draw(st.integers(1, len(stream)))
        arrival.add(stream[:length])
        stream = stream[length:]
        while arrival.stage is Stage.WHOLE:
            found.append(arrival.take())
    assert found == [(each, True) for each in sent]


@pytest.mark.parametrize("sent", [
    POST + b"Content-Length: 101\r\n\r\n",
    POST + b"Content-Length: " + b"9" * 5000 + b"\r\n\r\n",
    POST + b"Content-Length: -1\r\n\r\n", POST + b"Content-Length: +1\r\n\r\n", POST + b"Content-Length: \r\n\r\n",
    POST + b"Content-Length: 1\r\nContent-Length: 1\r\n\r\n",
    POST + b"Content-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\n",
    POST + b"Transfer-Encoding: gzip\r\n\r\n",
    CHUNKED + b"zz\r\n", CHUNKED + b"-1\r\n", CHUNKED + b"0x1\r\n", CHUNKED + b"\r\n", CHUNKED + b"1\r\nxyz",
    CHUNKED + b"fff\r\n" + b"x" * (LIMIT + READ_AT_LEAST),
    CHUNKED + b"32\r\n" + b"x" * 50 + b"\r\nfff\r\n" + b"x" * (50 + READ_AT_LEAST),
    CHUNKED + b"1\r\nx\r\n" * (LIMIT + READ_AT_LEAST),
    CHUNKED + b"1;" + b"x" * MAX_CHUNK_LINES,
    CHUNKED + b"0\r\nX: " + b"x" * MAX_CHUNK_LINES,
    b"GET / HTTP/1.1\nHost: localhost\n", b"x" * (MAX_HEAD + 1)])
def test_more_is_not_waited_for(sent: bytes) -> None:
    arrival, found = stages([sent])
    assert found == [Stage.ENOUGH]
    assert arrival.add(b"more") is Stage.ENOUGH
    assert arrival.take() == (sent + b"more", False)


def test_of_a_chunk_that_is_too_large_so_much_is_there_that_gunicorn_finds_it_so() -> None:
    arrival = Arrival(LIMIT)
    assert arrival.add(CHUNKED + b"fff\r\n" + b"x" * (LIMIT + READ_AT_LEAST - 1)) is Stage.BODY
    assert arrival.add(b"x") is Stage.ENOUGH
    request, _ = arrival.take()
    body = next(get_parser(Config(), [request], ("127.0.0.1", 1))).body
    assert len(body.read(LIMIT + 1)) == LIMIT + 1


def test_small_chunks_are_no_way_around_the_limit() -> None:
    arrival = Arrival(1024 * 1024)
    assert arrival.add(CHUNKED + b"1\r\nx\r\n" * 5_000) is Stage.BODY
    assert arrival.add(b"1\r\nx\r\n" * 20_000) is Stage.ENOUGH


def test_a_head_is_bounded() -> None:
    arrival = Arrival(LIMIT)
    assert arrival.add(b"GET / HTTP/1.1\r\n" + b"X-Long: x\r\n" * 5_000) is Stage.HEAD
    assert arrival.add(b"X-Long: x\r\n" * 5_000) is Stage.HEAD_TOO_LARGE


@pytest.mark.parametrize(("head", "waits"), [
    (POST + b"Content-Length: 5\r\nExpect: 100-Continue\r\n\r\n", True),
    (POST + b"Transfer-Encoding: chunked\r\nExpect: 100-continue\r\n\r\n", True),
    (POST + b"Content-Length: 0\r\nExpect: 100-continue\r\n\r\n", False),
    (POST + b"Content-Length: 5\r\nExpect: 100-continue\r\n\r\nhe", False),
    (POST + b"Content-Length: 101\r\nExpect: 100-continue\r\n\r\n", False),
    (POST.replace(b"1.1", b"1.0") + b"Content-Length: 5\r\nExpect: 100-continue\r\n\r\n", False),
    (POST + b"Content-Length: 5\r\n\r\n", False)])
def test_who_waits_to_be_told_to_go_on_is_told_once(head: bytes, waits: bool) -> None:
    arrival, _ = stages([head])
    assert arrival.must_continue() == waits
    assert not arrival.must_continue()
