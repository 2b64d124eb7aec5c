"""Reads of a task, calm and beside a storm of logins, in the order calm, storm, storm, calm."""

import json
import threading
import time
import uuid
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from statistics import median
from typing import Any
from urllib.error import URLError
from urllib.request import Request, urlopen

from bench import load, seed, servers
from bench.load import Load

LOGINS = 50
KEYSPACE = "taskapp_bench_logins"
# Waiting logins hold a thread each.
_AT_ONCE = 64


def run(rounds: int, seconds: float) -> dict[str, Any]:
    """Measure the percentiles of reads, and what became of the logins."""
    found: dict[str, list[Load]] = {"calm": [], "storm": []}
    statuses: Counter[int] = Counter()
    with servers.service("service", KEYSPACE, "token") as server:
        email = f"{uuid.uuid4().hex}@example.com"
        token = seed.user(server.url, email)
        request = load.Request(f"/tasks/{seed.through_the_service(server.url, token)}", token=token)
        load.run(server.url, request, 2)
        for _ in range(rounds):
            for name in ("calm", "storm", "storm", "calm"):
                if name == "calm":
                    found[name].append(load.run(server.url, request, seconds))
                else:
                    found[name].append(_beside_logins(server.url, email, request, seconds, statuses))
    p99 = {name: median(each.p99_ms for each in loads) for name, loads in found.items()}
    return {
        **{f"reads_p50_ms_{name}": round(median(each.p50_ms for each in loads), 1) for name, loads in found.items()},
        **{f"reads_p99_ms_{name}": round(value, 1) for name, value in p99.items()},
        **{f"reads_per_second_{name}": round(median(each.rate for each in loads)) for name, loads in found.items()},
        "p99_ratio (goal < 2)": round(p99["storm"] / p99["calm"], 2),
        **{f"logins_answered_{status or 'nothing'}": count for status, count in sorted(statuses.items())}}


def _beside_logins(url: str, email: str, request: load.Request, seconds: float, statuses: "Counter[int]") -> Load:
    ended = threading.Event()
    storm = threading.Thread(target=_storm, args=(url, email, ended, statuses))
    storm.start()
    try:
        return load.run(url, request, seconds)
    finally:
        ended.set()
        storm.join()


def _storm(url: str, email: str, ended: threading.Event, statuses: "Counter[int]") -> None:
    body = json.dumps({"email": email, "password": seed.PASSWORD, "expires_in": 60}).encode()
    begun, sent = time.monotonic(), 0
    with ThreadPoolExecutor(_AT_ONCE) as pool:
        while not ended.is_set():
            # At their times, whether or not those before were answered.
            while sent < (time.monotonic() - begun) * LOGINS:
                sent += 1
                pool.submit(_log_in, url, body, statuses)
            ended.wait(1 / LOGINS)


def _log_in(url: str, body: bytes, statuses: "Counter[int]") -> None:
    try:
        with urlopen(Request(f"{url}/tokens/", body, {"Content-Type": "application/json"}), timeout=15) as answer:
            statuses[answer.status] += 1
    except (URLError, OSError) as error:
        statuses[getattr(error, "code", 0)] += 1
