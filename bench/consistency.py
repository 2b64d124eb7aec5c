"""What a consistency level costs on three nodes, what a frozen one of them costs, and an answer when all are frozen."""

import http.client
import json
import os
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from statistics import median
from typing import Any
from urllib.parse import urlsplit

from bench import load
from bench.servers import Server, service
from taskapp.localnode import LocalCluster, ports, prepare
from taskapp.settings import Settings

FIRST = 35
LEVELS = ("LOCAL_ONE", "ONE", "LOCAL_QUORUM", "QUORUM", "LOCAL_SERIAL", "SERIAL", "ALL")
AGAINST, TASKS, CLIENTS = "LOCAL_QUORUM", 50, 4
# Seconds for which a node is frozen: longer than driver and nodes take to call it dead.
FROZEN_SECONDS, GOAL_MS = 20.0, 1000
# Milliseconds for a refusal while the circuit breaker is open.
REFUSAL_GOAL_MS, REFUSED = 5, b"has not been answering"
KEYSPACE = "taskapp_bench_consistency"
GET = "GET one task"


def run(rounds: int, seconds: float, say: Callable[[str], None]) -> dict[str, Any]:
    """Measure on a cluster of its own: one request after the other at each level, then several clients in the frost."""
    say("three nodes start")
    with _cluster() as cluster, _server(cluster) as server:
        paths = _seeded(server.url)
        levels = {name: _levels(server.url, path, rounds, seconds, say) for name, path in paths.items()}
        say("one node is frozen")
        frozen = _in_the_frost(cluster, server.url, paths)
        say("all nodes are frozen")
        return {**levels, "frozen": frozen, "circuit breaker open": _refusals(cluster, server.url, paths)}


@contextmanager
def _cluster() -> Iterator[LocalCluster]:
    java, jars = prepare(Settings.from_env())
    with tempfile.TemporaryDirectory(prefix="taskapp-bench-") as folder, \
            LocalCluster(Path(folder), 3, java=java, jars=jars, first=FIRST, heap="320m",
                         native_port=ports.find_free(f"127.0.0.{FIRST}"),
                         storage_port=ports.find_free(f"127.0.0.{FIRST}")) as cluster:
        yield cluster


@contextmanager
def _server(cluster: LocalCluster) -> Iterator[Server]:
    given = {"TASKAPP_CASSANDRA_CONTACT_POINTS": ",".join(cluster.addresses), "TASKAPP_CASSANDRA_REPLICATION": "3",
             "TASKAPP_CASSANDRA_PORT": str(cluster.nodes[0].native_port)}
    before = {name: os.environ.get(name) for name in given}
    os.environ.update(given)
    try:
        with service("three nodes", KEYSPACE) as server:
            yield server
    finally:
        for name, value in before.items():
            os.environ.pop(name) if value is None else os.environ.update({name: value})


class _Caller:
    """One connection that sends one request after the other."""

    def __init__(self, url: str) -> None:
        self._connection = http.client.HTTPConnection(urlsplit(url).netloc, timeout=10)

    def send(self, method: str, path: str, body: str | None = None, **headers: str) -> tuple[float, int, bytes]:
        """Send, and return milliseconds, status and content."""
        begun = time.perf_counter()
        self._connection.request(method, path, body, headers)
        answer = self._connection.getresponse()
        content = answer.read()
        return (time.perf_counter() - begun) * 1000, answer.status, content

    def close(self) -> None:
        self._connection.close()


def _seeded(url: str) -> dict[str, str]:
    caller, task = _Caller(url), {}
    for number in range(TASKS):
        *_, content = caller.send("POST", "/tasks/", json.dumps({"title": f"Task {number}"}))
        task = json.loads(content)
    caller.close()
    return {GET: f"/tasks/{task['task_id']}", f"list of {TASKS}": "/tasks/"}


def _levels(url: str, path: str, rounds: int, seconds: float, say: Callable[[str], None]) -> dict[str, Any]:
    caller = _Caller(url)
    medians: dict[str, list[float]] = {level: [] for level in LEVELS}
    for number in range(rounds):
        for level in [*LEVELS, *reversed(LEVELS)]:
            say(f"{path}: round {number + 1} of {rounds}, {level}")
            medians[level].append(median(_times(caller, path, level, seconds)))
    caller.close()
    return {level: _shown(found, medians[AGAINST]) for level, found in medians.items()}


def _times(caller: _Caller, path: str, level: str, seconds: float) -> Iterator[float]:
    end = time.perf_counter() + seconds
    while time.perf_counter() < end:
        milliseconds, status, _ = caller.send("GET", path, **{"Consistency-Level": level})
        if status != 200:
            raise RuntimeError(f"{path} at {level}: {status}")
        yield milliseconds


def _shown(found: list[float], against: list[float]) -> str:
    # Both goes of a round, there and back, count together, so that a drift of the machine hits all levels.
    ratios = [(found[i] + found[i + 1]) / (against[i] + against[i + 1]) for i in range(0, len(found), 2)]
    return f"{median(found):.2f} ms, {median(ratios):.2f} × {AGAINST} ({min(ratios):.2f}–{max(ratios):.2f})"


def _in_the_frost(cluster: LocalCluster, url: str, paths: dict[str, str]) -> dict[str, Any]:
    found: dict[str, list[tuple[float, int]]] = {name: [] for name in paths}
    end = time.perf_counter() + FROZEN_SECONDS
    clients = [threading.Thread(target=_go_on, args=(url, path, found[name], end))
               for name, path in paths.items() for _ in range(CLIENTS)]
    cluster.nodes[1].pause()
    try:
        for each in clients:
            each.start()
        for each in clients:
            each.join()
    finally:
        cluster.nodes[1].resume()
    return {name: _percentiles(times) for name, times in found.items()}


def _refusals(cluster: LocalCluster, url: str, paths: dict[str, str]) -> dict[str, str]:
    with ExitStack() as stack:
        for node in cluster.nodes:
            node.pause()
            stack.callback(node.resume)
        # Many at once, since it takes twenty that waited in vain to open the breaker of a worker.
        load.run(url, load.Request(paths[GET]), FROZEN_SECONDS / 2)
        return {name: _refused(url, path) for name, path in paths.items()}


def _refused(url: str, path: str) -> str:
    """Ask one after the other; what waits in vain is the breaker's probe."""
    caller, times, others = _Caller(url), [], 0
    end = time.perf_counter() + FROZEN_SECONDS
    while time.perf_counter() < end:
        milliseconds, status, content = caller.send("GET", path)
        if status != 503:
            raise RuntimeError(f"{path} with all nodes frozen: {status}")
        if REFUSED in content:
            times.append(milliseconds)
        else:
            others += 1
    caller.close()
    p50, p99 = median(times), sorted(times)[len(times) * 99 // 100]
    return (f"p50 {p50:.1f} ms (goal < {REFUSAL_GOAL_MS}: {'met' if p50 < REFUSAL_GOAL_MS else 'missed'}), "
            f"p99 {p99:.1f} ms of {len(times)}; {others} probes")


def _go_on(url: str, path: str, found: list[tuple[float, int]], end: float) -> None:
    caller = _Caller(url)
    while time.perf_counter() < end:
        milliseconds, status, _ = caller.send("GET", path)
        found.append((milliseconds, status))
    caller.close()


def _percentiles(found: list[tuple[float, int]]) -> str:
    times, failed = sorted(milliseconds for milliseconds, _ in found), sum(status != 200 for _, status in found)
    p99 = times[len(times) * 99 // 100]
    return (f"p50 {median(times):.1f} ms, p99 {p99:.0f} ms (goal < {GOAL_MS}: {'met' if p99 < GOAL_MS else 'missed'}), "
            f"longest {times[-1]:.0f} ms, {failed} of {len(times)} failed")
