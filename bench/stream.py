"""`GET /plant/{genus}` of a million rows beside a bare driver loop: rows a second, and the time of the first byte."""

import json
import socket
import subprocess
import sys
import time
from collections import deque
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from statistics import median
from urllib.parse import quote, urlsplit

import psutil
from rich.progress import Progress

from bench import servers
from bench.load import Load, Request
from bench.rounds import Case, Contestant, Goal, Sample
from taskapp.cassandra.driver.connection import db
from taskapp.cassandra.driver.statement import Answer, Statement
from taskapp.settings import Settings

KEYSPACE = "taskapp_bench_stream"
PLANTS = 1_000_000
FIRST_BYTE_MS = 50
_WINDOW, _NOTE = 256, 20_000
_PUT = Statement("bench.plant", "INSERT INTO $ks.plants (genus, species, sightings) VALUES (:genus, :species, "
                 ":sightings)")


def genus_of(rows: int) -> str:
    return f"Plantago of {rows}"


def seed(keyspace: str, rows: int) -> None:
    """Fill a genus with plants; what an earlier run made is kept, and gone on with."""
    db.close()
    db.connect(Settings.from_env(cassandra_keyspace=keyspace, slow_query_ms=60_000, request_timeout=30.0))
    notes = f"{keyspace}.bench_seeded"
    db.session.execute(f"CREATE TABLE IF NOT EXISTS {notes} (size int PRIMARY KEY, done int)", timeout=60)
    known = list(db.session.execute(f"SELECT done FROM {notes} WHERE size = {rows}"))
    done = known[0]["done"] if known else 0
    note = db.session.prepare(f"INSERT INTO {notes} (size, done) VALUES (?, ?)")
    flying: deque[Answer] = deque()
    with Progress(transient=True) as progress:
        line = progress.add_task(f"{rows:,} plants into {keyspace}", total=rows, completed=done)
        for number in range(done, rows):
            flying.append(_PUT.send(genus=genus_of(rows), species=f"species {number:07}", sightings=number % 97))
            last = (number + 1) % _NOTE == 0 or number + 1 == rows
            while len(flying) > (0 if last else _WINDOW):
                flying.popleft().rows()
            if last:
                db.session.execute(note, (rows, number + 1))
                progress.update(line, completed=number + 1)
    db.close()


@contextmanager
def case(rows: int) -> Iterator[Case]:
    """Start both, fill the table, and hold their answers against each other once."""
    with servers.service("service", KEYSPACE) as server:
        seed(KEYSPACE, rows)
        with Loop(KEYSPACE, genus_of(rows)) as loop:
            address = urlsplit(server.url)
            path = f"/plant/{quote(genus_of(rows))}"
            service = Reader("service", server, Request(path), rows=rows,
                             chunks=lambda: _http(address.port or 80, path))
            bare = Reader("bare driver loop", loop, Request(path), rows=rows, chunks=loop.answer)
            _compare(service, bare, rows)
            yield Case(f"GET /plant, {rows:,} rows (requests are rows; p50 is the first byte)", [service, bare],
                       [Goal("service", "bare driver loop", least=0.8)])


@dataclass
class Reader(Contestant):
    """One who answers with all rows, read to the end as fast as they come."""

    chunks: Callable[[], Iterator[bytes]] = field(default=lambda: iter(()))
    rows: int = PLANTS

    def warm_up(self, seconds: float) -> None:
        for _ in self.chunks():
            pass

    def go(self, seconds: float, database: psutil.Process | None) -> Sample:
        processes, nodes = self.server.processes(), [database] if database else []
        before = servers.cpu_seconds(processes), servers.cpu_seconds(nodes)
        begun, first = time.perf_counter(), 0.0
        for _ in self.chunks():
            first = first or time.perf_counter() - begun
        spent = time.perf_counter() - begun
        app, node = servers.cpu_seconds(processes) - before[0], servers.cpu_seconds(nodes) - before[1]
        each = 1000 / self.rows
        return Sample(Load(self.rows, spent, 0, first * 1000, first * 1000), app * each, node * each)

    @property
    def first_ms(self) -> float:
        return median(sample.load.p50_ms for sample in self.samples)


class Loop:
    """The bare driver loop, in a process of its own."""

    def __init__(self, keyspace: str, genus: str) -> None:
        self._command = [sys.executable, "-m", "bench.stream_floor", keyspace, genus]

    def __enter__(self) -> "Loop":
        self._process = psutil.Popen(self._command, cwd=servers.ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE,
                                     bufsize=0)
        return self

    def __exit__(self, *_: object) -> None:
        self._process.stdin.close()
        self._process.wait(30)
        self._process.stdout.close()

    def processes(self) -> list[psutil.Process]:
        return [self._process]

    def answer(self) -> Iterator[bytes]:
        """Ask for the rows, and yield what comes."""
        self._process.stdin.write(b"\n")
        chunk = b""
        while not chunk.endswith(b"]\n"):
            chunk = self._process.stdout.read(1 << 20)
            if not chunk:
                raise RuntimeError("the bare driver loop ended")
            yield chunk


def _http(port: int, path: str) -> Iterator[bytes]:
    # Chunks are not taken apart: the reader should cost both contestants the same.
    with socket.create_connection(("127.0.0.1", port)) as connection:
        connection.sendall(f"GET {path} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n".encode())
        end = b""
        while chunk := connection.recv(1 << 20):
            end = (end + chunk)[-5:]
            yield chunk
    if end != b"0\r\n\r\n":
        raise RuntimeError("the answer was cut")


def _compare(service: Reader, bare: Reader, rows: int) -> None:
    body = _unchunked(b"".join(service.chunks()).partition(b"\r\n\r\n")[2])
    found = json.loads(body)
    if len(found) != rows or found != json.loads(b"".join(bare.chunks())):
        raise RuntimeError(f"the service answered {len(found)} rows, or others than the bare loop")


def _unchunked(body: bytes) -> bytes:
    found, at = [], 0
    while True:
        end = body.index(b"\r\n", at)
        size = int(body[at:end], 16)
        if not size:
            return b"".join(found)
        found.append(body[end + 2:end + 2 + size])
        at = end + 4 + size
