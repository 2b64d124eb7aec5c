"""Load: 16 connections that send one request again and again; by wrk, or by a generator of our own."""

import http.client
import json
import shutil
import subprocess
import sys
import threading
import time
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

CONNECTIONS = 16
_SCRIPT = Path(__file__).with_name("load.lua")


@dataclass(frozen=True)
class Request:
    """What is sent."""

    path: str
    body: str | None = None
    token: str = ""

    @property
    def method(self) -> str:
        return "GET" if self.body is None else "POST"


@dataclass(frozen=True)
class Load:
    """What came of it; ``failed`` counts answers other than 2xx, and none at all."""

    requests: int
    seconds: float
    failed: int
    p50_ms: float
    p99_ms: float

    @property
    def rate(self) -> float:
        """Successful requests a second."""
        return (self.requests - self.failed) / self.seconds


def generator() -> str:
    """Name what makes the load."""
    return "wrk" if shutil.which("wrk") else "bench.load (install wrk for less noise)"


def run(url: str, request: Request, seconds: float) -> Load:
    """Send for some seconds, in another process."""
    arguments = [request.method, request.token, *([request.body] if request.body else [])]
    if shutil.which("wrk"):
        command = ["wrk", "-t1", f"-c{CONNECTIONS}", f"-d{max(1, round(seconds))}s", "--timeout", "10s",
                   "-s", str(_SCRIPT), url + request.path, "--", *arguments]
    else:
        command = [sys.executable, "-m", "bench.load", str(seconds), url + request.path, *arguments]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    return Load(**json.loads(done.stdout.strip().splitlines()[-1]))


def _client(url: str, method: str, token: str, body: str | None, end: float, found: list[tuple[float, bool]]
            ) -> None:
    parts = urlsplit(url)
    target = parts.path + (f"?{parts.query}" if parts.query else "")
    headers = {**({"Content-Type": "application/json"} if body else {}),
               **({"Authorization": f"Bearer {token}"} if token else {})}
    connection = http.client.HTTPConnection(parts.hostname or "", parts.port, timeout=10)
    while (begun := time.perf_counter()) < end:
        try:
            connection.request(method, target, body, headers)
            answer = connection.getresponse()
            answer.read()
            succeeded = 200 <= answer.status < 300
        except (OSError, http.client.HTTPException):
            succeeded = False
            connection.close()
        found.append((time.perf_counter() - begun, succeeded))
    connection.close()


def _main(seconds: float, url: str, method: str, token: str = "", body: str | None = None) -> None:
    found: list[tuple[float, bool]] = []
    begun = time.perf_counter()
    clients = [threading.Thread(target=_client, args=(url, method, token, body, begun + seconds, found))
               for _ in range(CONNECTIONS)]
    for each in clients:
        each.start()
    for each in clients:
        each.join()
    spent, times = time.perf_counter() - begun, sorted(duration for duration, _ in found)
    print(json.dumps({
        "requests": len(found), "seconds": spent, "failed": sum(not succeeded for _, succeeded in found),
        "p50_ms": times[len(times) // 2] * 1000, "p99_ms": times[len(times) * 99 // 100] * 1000}))


if __name__ == "__main__":
    _main(float(sys.argv[1]), *sys.argv[2:])
