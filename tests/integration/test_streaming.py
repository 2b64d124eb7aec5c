"""Lists that are written while they are read: the first rows before the second page, no more memory than two pages,
and an end that nobody takes for the whole (cassandra/mapper/stream.py, http/streaming.py).

Negative controls, each tried. All pages read before the first is written: the second page held back holds the first
rows back, HEAD and a client that goes away have all of it read, and memory is not flat. Pages not emptied
(`cassandra/mapper/stream.py`): memory is not flat. The error swallowed, and the array closed: the cut answers are
whole. No renewed budget: the slow database and the slow client are cut. A place that is not given back: a later one
is busy.
"""

import json
import time
from collections.abc import Iterator
from typing import Any

import psutil
import pytest
from cassandra.query import BatchStatement, BatchType

from tests.fixtures.cassandra import Cassandra
from tests.fixtures.client import Client
from tests.fixtures.metrics import total
from tests.fixtures.service import NewService, Service, until
from tests.fixtures.stream_proxy import StreamProxy
from tests.fixtures.stream_reader import StreamReader

ROWS, FIRST = 30_000, 200
# A piece of the answer with rows of the second page or later ones has this in it.
LATE = b"of the later pages"
PATH, LINES = "/plant/Streamed", "Accept: application/x-ndjson"
STATEMENT = 'statement="plants.of_genus"'
NEVER_MORE = 10 * 2**20
# All of it is 31 pages.
MOST_READ = 28
# Seconds that a page may take, where they matter.
BUDGET = 5


def species(number: int) -> str:
    return f"{number:06} {'' if number < FIRST else LATE.decode()} {'x' * 300}"


@pytest.fixture(scope="module")
def rows(service: Service, session: Any, keyspace: str) -> list[dict[str, Any]]:
    """Fill a genus behind the service's back: 10 MB of JSON."""
    put = session.prepare(f"INSERT INTO {keyspace}.plants (genus, species, sightings) VALUES (?, ?, ?)")
    for start in range(0, ROWS, 100):
        batch = BatchStatement(BatchType.UNLOGGED)
        batch.is_idempotent = True
        for number in range(start, start + 100):
            batch.add(put, ("Streamed", species(number), number % 97))
        session.execute(batch)
    return [{"genus": "Streamed", "species": species(number), "sightings": number % 97} for number in range(ROWS)]


@pytest.fixture
def proxy(cassandra: Cassandra) -> Iterator[StreamProxy]:
    with StreamProxy(cassandra, LATE) as made:
        yield made


@pytest.fixture
def behind(proxy: StreamProxy, new_service: NewService) -> Service:
    """A service that reaches the database through the proxy."""
    return new_service(**proxy.environment, TASKAPP_REQUEST_BUDGET=BUDGET, TASKAPP_REQUEST_TIMEOUT=2 * BUDGET)


@pytest.fixture(scope="module")
def alone(new_service: NewService, rows: list[dict[str, Any]]) -> Service:
    """A service with one worker, that nobody else asks."""
    return new_service()


def ends(service: Service) -> list[dict[str, Any]]:
    """The lines of its log that tell how a stream ended."""
    lines = (json.loads(line) for line in service.log().splitlines() if line.startswith("{"))
    return [line for line in lines if line["event"] == "stream"]


def last_end(service: Service, before: int) -> dict[str, Any]:
    found: list[dict[str, Any]] = until(lambda: ends(service)[before:], 60, lambda: service.log()[-3000:])
    return found[-1]


def pages_read(service: Service) -> float:
    client = Client(service.url)
    found = total(client, "taskapp_statement_seconds_count", STATEMENT)
    client.close()
    return found


def resident(service: Service) -> int:
    """The bytes that its one worker holds."""
    worker, = psutil.Process(service.pid).children()
    return int(worker.memory_info().rss)


def settled(service: Service, seconds: float = 1.0) -> float:
    """Wait until no more pages are read for a while; return how many were."""
    seen = [(pages_read(service), time.monotonic())]

    def still() -> bool:
        now = pages_read(service)
        if now != seen[-1][0]:
            seen.append((now, time.monotonic()))
        return time.monotonic() - seen[-1][1] > seconds

    until(still, 30, "pages are read on and on")
    return seen[-1][0]


# -- Forms

def test_an_array_by_species(client: Client, rows: list[dict[str, Any]]) -> None:
    answer = client.get(PATH)
    assert answer.ok() == rows
    assert answer.headers["Content-Type"] == "application/json"
    assert answer.headers["Transfer-Encoding"] == "chunked"
    assert "Accept" in answer.headers["Vary"]


@pytest.mark.parametrize("accept", ["application/x-ndjson", "application/json;q=0.5, application/x-ndjson",
                                    "application/x-ndjson, */*;q=0.1", "application/x-ndjson, */*"])
def test_a_line_a_row(client: Client, rows: list[dict[str, Any]], accept: str) -> None:
    answer = client.get(PATH, headers={"Accept": accept})
    assert answer.headers["Content-Type"] == "application/x-ndjson"
    assert answer.data.endswith(b"\n")
    assert [json.loads(line) for line in answer.data.splitlines()] == rows
    assert client.get("/plant/Nobody", headers={"Accept": accept}).data == b""


@pytest.mark.parametrize("accept", ["application/json", "*/*", "application/*", "application/x-ndjson;q=0.5, */*",
                                    "application/x-ndjson;q=0", "text/html", "nonsense"])
def test_json_unless_lines_are_preferred(client: Client, accept: str) -> None:
    answer = client.get("/plant/Nobody", headers={"Accept": accept})
    assert (answer.ok(), answer.headers["Content-Type"]) == ([], "application/json")


@pytest.mark.parametrize("count", [1, FIRST - 1, FIRST, FIRST + 1, FIRST + 1000])
def test_pages_that_are_just_full(client: Client, session: Any, keyspace: str, count: int) -> None:
    put = session.prepare(f"INSERT INTO {keyspace}.plants (genus, species, sightings) VALUES (?, ?, 1)")
    for sent in [session.execute_async(put, (f"Of {count}", f"{number:05}")) for number in range(count)]:
        sent.result()
    assert [row["species"] for row in client.get(f"/plant/Of%20{count}").ok()] == [f"{n:05}" for n in range(count)]


def test_the_same_connection_serves_again(client: Client, rows: list[dict[str, Any]]) -> None:
    for _ in range(3):
        assert len(client.get(PATH).ok()) == ROWS
        assert client.get("/health/live").status == 200


# -- The first rows before the second page

def test_the_first_rows_come_before_the_second_page(behind: Service, proxy: StreamProxy,
                                                    rows: list[dict[str, Any]]) -> None:
    proxy.rule = "hold"
    with StreamReader(behind.url, PATH) as reader:
        reader.until(f"{FIRST - 1:06} ".encode())
        assert LATE not in reader.raw
        proxy.rule = "pass"
        assert json.loads(reader.rest()) == rows
        assert reader.whole


def test_head_reads_one_page(alone: Service) -> None:
    before = settled(alone)
    with StreamReader(alone.url, PATH, method="HEAD") as reader:
        assert reader.rest() == b""
        assert "200 OK" in reader.head
    assert settled(alone) == before + 1


# -- Errors midway

@pytest.mark.parametrize(("rule", "header"), [("cut", "Accept: */*"), ("hold", "Accept: */*"), ("cut", LINES)])
def test_an_error_midway_is_noticed(behind: Service, proxy: StreamProxy, rows: list[dict[str, Any]], rule: str,
                                    header: str) -> None:
    proxy.rule = rule
    began = time.monotonic()
    with StreamReader(behind.url, PATH, header) as reader:
        body = reader.rest()
        assert not reader.whole
    # The margin is the machine's.
    assert time.monotonic() - began < BUDGET + 3
    assert f"{FIRST - 1:06} ".encode() in body
    assert LATE not in body
    if header != LINES:
        with pytest.raises(json.JSONDecodeError):
            json.loads(body)
    end = last_end(behind, 0)
    assert end["end"].startswith("cut: plants.of_genus")
    assert (end["rows"], end["level"]) == (FIRST, "warning")
    assert "Traceback" not in behind.log()
    proxy.rule = "pass"
    client = Client(behind.url)
    until(lambda: client.get("/health/ready").status == 200, 30, "the service did not recover")
    assert client.get(PATH).ok() == rows
    client.close()


def test_http_1_0_has_no_chunks_but_no_bracket_either(behind: Service, proxy: StreamProxy,
                                                      rows: list[dict[str, Any]]) -> None:
    with StreamReader(behind.url, PATH, version="1.0") as reader:
        assert json.loads(reader.rest()) == rows
    proxy.rule = "cut"
    with StreamReader(behind.url, PATH, version="1.0") as reader, pytest.raises(json.JSONDecodeError):
        json.loads(reader.rest())


def test_before_the_first_row_an_error_is_a_problem(behind: Service, proxy: StreamProxy, session: Any,
                                                    keyspace: str) -> None:
    session.execute(f"INSERT INTO {keyspace}.plants (genus, species) VALUES ('Late', '{LATE.decode()}')")
    proxy.rule = "hold"
    client = Client(behind.url)
    client.get("/plant/Late").problem(503, "unavailable")
    proxy.rule = "pass"
    client.close()


# -- Many at once

def test_half_of_the_threads_may_stream(new_service: NewService, session: Any, keyspace: str,
                                        rows: list[dict[str, Any]]) -> None:
    service = new_service(TASKAPP_THREADS=4)
    session.execute(f"INSERT INTO {keyspace}.plants (genus, species) VALUES ('Single', 'one')")
    client = Client(service.url)
    # Two that take the first rows, and then a pause.
    with StreamReader(service.url, PATH) as first, StreamReader(service.url, PATH, LINES) as second:
        for reader in (first, second):
            reader.until(b"000000 ")
        problem = client.get(PATH)
        problem.problem(503, "busy")
        assert problem.headers["Retry-After"] == "1"
        # What is one page needs no place among them, and other work goes on.
        assert len(client.get("/plant/Single").ok()) == 1
        client.make()
        assert json.loads(first.rest()) == rows
        assert second.rest().count(b"\n") == ROWS
    for way in ("GET", "HEAD", "GET", "HEAD", "GET"):
        # A place is free again, however the answer ended.
        with StreamReader(service.url, PATH, method=way) as reader:
            assert "200 OK" in reader.until(b"\r\n\r\n").decode("latin-1", "replace")
            if way == "HEAD":
                reader.rest()
        until(lambda: client.get(PATH, headers={"Accept": "application/json"}).status == 200, 30, service.story)
    client.close()


# -- Slow ones

def test_each_page_has_its_own_time(behind: Service, proxy: StreamProxy, rows: list[dict[str, Any]]) -> None:
    proxy.rule, proxy.pause = "slow", 0.4
    began = time.monotonic()
    with StreamReader(behind.url, PATH, buffer=1 << 20) as reader:
        assert json.loads(reader.rest()) == rows
    # Or the test would prove nothing.
    assert time.monotonic() - began > BUDGET


def test_a_slow_client_gets_all_of_it(behind: Service, rows: list[dict[str, Any]]) -> None:
    began = time.monotonic()
    with StreamReader(behind.url, PATH) as reader:
        while time.monotonic() - began < BUDGET + 1:
            assert reader.some(20_000)
            # Its pace, not a wait for anything.
            time.sleep(0.02)
        assert LATE in reader.raw
        assert len(reader.body) < len(json.dumps(rows)) / 2
        assert json.loads(reader.rest()) == rows


def test_a_client_that_takes_nothing_holds_two_pages_and_is_let_go(alone: Service) -> None:
    before, read, ended = resident(alone), settled(alone), len(ends(alone))
    with StreamReader(alone.url, PATH) as reader:
        reader.until(b"000000 ")
        # Not all was read: what fills the system's buffers, and two pages.
        assert 1 < settled(alone) - read < MOST_READ
        assert resident(alone) - before < NEVER_MORE
        # Ten seconds for each time that the system took no more, or only a part of a page.
        assert last_end(alone, ended)["end"] == "client gone"
        assert "Traceback" not in alone.log()
        reader.rest()
        assert not reader.whole


def test_memory_is_flat(new_service: NewService, rows: list[dict[str, Any]]) -> None:
    # One that has answered nothing yet: memory that an earlier answer needed would be there for this one.
    fresh = new_service()
    before = highest = resident(fresh)
    for _ in range(3):
        with StreamReader(fresh.url, PATH, buffer=1 << 20) as reader:
            while reader.some():
                reader.raw = reader.raw[-10:]
                highest = max(highest, resident(fresh))
            assert reader.whole
    assert highest - before < NEVER_MORE


def test_a_client_that_goes_away_ends_the_reading(alone: Service) -> None:
    before, ended = settled(alone), len(ends(alone))
    with StreamReader(alone.url, PATH) as reader:
        reader.until(b"000000 ")
    assert last_end(alone, ended)["end"] == "client gone"
    assert 1 <= settled(alone) - before < MOST_READ
    assert ends(alone)[-1]["rows"] < ROWS
    assert "Traceback" not in alone.log()
