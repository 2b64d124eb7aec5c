"""Three nodes, three replicas: one of them freezes, one of them dies, and nobody's change is lost.

Negative controls: with the default `speculative_retry`, the driver's own shuffling of replicas, and a creation that
knows its batch alone, creations and reads fail five times over while a node is frozen; each of the three was seen. When
a registration that is not seen yet was taken for one that is not stored, six of 24 addresses had two users.
"""

import secrets
import statistics
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from typing import Any

import pytest

from taskapp.localnode import LocalCluster, LocalNode, ports, prepare
from taskapp.settings import Settings
from tests.fixtures.accounts import PASSWORD, bearer, log_in
from tests.fixtures.client import Answer, Client
from tests.fixtures.command import run_taskapp, well
from tests.fixtures.service import Service, until

# Starting three nodes and agreeing on each table takes a minute on an idle machine of two cores.
pytestmark = pytest.mark.timeout(600)
FIRST = 91
LEVELS = ("ONE", "LOCAL_ONE", "LOCAL_QUORUM", "QUORUM", "ALL", "LOCAL_SERIAL", "SERIAL")
# Seconds: the request's budget, and what the machine may add to it.
BUDGET, MARGIN, SCHEMA_SECONDS = 1.9, 1.0, 240
# How often a client sends a request that is refused, waiting as `Retry-After` says.
TRIES = 15
# A node that hangs so long is found dead meanwhile, and has requests in its sockets.
HANG_SECONDS = 12
# The limits of a node that nobody configured (cassandra.yaml of 5.0).
DEFAULT_LIMITS = {"batch_size_warn_threshold": "5KiB", "batch_size_fail_threshold": "50KiB"}


@pytest.fixture(scope="module")
def cluster(tmp_path_factory: pytest.TempPathFactory) -> Iterator[LocalCluster]:
    java, jars = prepare(Settings.from_env())
    native, storage = ports.find_free(f"127.0.0.{FIRST}"), ports.find_free(f"127.0.0.{FIRST}")
    with LocalCluster(tmp_path_factory.mktemp("cluster"), 3, java=java, jars=jars, first=FIRST, heap="300m",
                      native_port=native, storage_port=storage, overrides=DEFAULT_LIMITS) as running:
        yield running


@pytest.fixture(scope="module")
def service(cluster: LocalCluster, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Service]:
    folder = tmp_path_factory.mktemp("service")
    made = Service(folder, {
        "TASKAPP_CASSANDRA_CONTACT_POINTS": ",".join(cluster.addresses), "PORT": str(ports.find_free("127.0.0.1")),
        "TASKAPP_CASSANDRA_PORT": str(cluster.nodes[0].native_port), "TASKAPP_CASSANDRA_REPLICATION": "3",
        "TASKAPP_WORKERS": "2", "TMPDIR": str(folder)})
    # Three nodes agree on each of the tables, one after the other.
    yield made.start(SCHEMA_SECONDS)
    made.stop()


@pytest.fixture(scope="module")
def accounts(service: Service, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Service]:
    """The same tables, served to those who have a token."""
    folder = tmp_path_factory.mktemp("accounts")
    with Service(folder, {**service.environment, "PORT": str(ports.find_free("127.0.0.1")), "TASKAPP_AUTH": "token",
                          "TASKAPP_LOGIN_QUEUE": "32", "TASKAPP_RATE_LOGIN": "100000/minute",
                          "TMPDIR": str(folder)}) as running:
        yield running


@pytest.fixture
def caller(service: Service) -> Iterator[Client]:
    made = Client(service.url)
    yield made
    made.close()


Act = Callable[[Client, int], Answer]


class Clients:
    """Threads that each do one thing until they are told to stop, as a client would: what is refused is sent again.

    :param pause: seconds between two things that a thread does
    """

    def __init__(self, client: Client, acts: dict[str, Act], threads: int = 2, pause: float = 0) -> None:
        self.times: dict[str, list[float]] = {name: [] for name in acts}
        self.refused: list[str] = []
        self.failed: list[str] = []
        self._client, self._stopped, self._pause = client, threading.Event(), pause
        self._threads = [threading.Thread(target=self._run, args=(name, act)) for name, act in acts.items()
                         for _ in range(threads)]

    def _run(self, name: str, act: Act) -> None:
        number = 0
        while not self._stopped.is_set():
            number += 1
            if not any(self._try(name, act, number) for _ in range(TRIES)) and not self._stopped.is_set():
                self.failed.append(name)
            self._stopped.wait(self._pause)

    def _try(self, name: str, act: Act, number: int) -> bool:
        began = time.perf_counter()
        answer = act(self._client, number)
        self.times[name].append(time.perf_counter() - began)
        if answer.status in (409, 503):
            self.refused.append(f"{name}: {answer.problem(answer.status)['code']}")
            self._stopped.wait(float(answer.headers["Retry-After"]))
            return False
        assert answer.status < 300, f"{name}: {answer.status} {answer.text[:300]}"
        return True

    def __enter__(self) -> "Clients":
        for each in self._threads:
            each.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._stopped.set()
        for each in self._threads:
            each.join()

    def told(self) -> str:
        lines = [f"{name}: {len(times)} × p50 {statistics.median(times) * 1000:.0f} ms, p99 "
                 f"{sorted(times)[len(times) * 99 // 100] * 1000:.0f} ms, max {max(times) * 1000:.0f} ms"
                 for name, times in self.times.items()]
        return "\n".join(["", *lines, f"refused once: {sorted(set(self.refused))} × {len(self.refused)}"])


def sent(act: Callable[[], Answer], later: tuple[int, ...] = (409, 503)) -> Answer:
    """Send it again while it is refused, as a client would; three nodes on one machine may be slow."""
    answer: Answer = until(lambda: (got := act()).status not in later and got, 60, "it is always refused")
    assert answer.status in (200, 201), answer.text
    return answer


def make(caller: Client, title: str, **members: Any) -> dict[str, Any]:
    key = {"Idempotency-Key": title.replace(" ", "-")}
    made: dict[str, Any] = sent(lambda: caller.post("/tasks/", json={"title": title, **members}, headers=key)).json
    return made


def test_a_large_task_is_stored_under_the_limits_of_a_plain_node(caller: Client) -> None:
    given = {"description": "ä" * 16_384, "labels": [f"label {number:02} {'x' * 50}" for number in range(50)],
             "metadata": {f"key {number}": "y" * 1024 for number in range(50)}}
    task = make(caller, "large", **given)
    assert {name: caller.read(task)[name] for name in given} == {**given, "labels": sorted(given["labels"])}
    larger = {"due_date": "2027-01-01T00:00:00Z", "description": "ö" * 16_384}
    changed = sent(lambda: caller.patch(f"/tasks/{task['task_id']}", json=larger)).json
    assert [each["task_id"] for each in caller.walk(sort="due_date") if each["due_date"]] == [changed["task_id"]]


def reads(task: dict[str, str]) -> list[str]:
    one = f"/tasks/{task['task_id']}"
    return [one, f"{one}/history", "/tasks/", f"/tasks/?ids={task['task_id']}", "/tasks/?trash=true",
            "/tasks/?sort=due_date", "/tasks/?status=pending", "/tasks/?status=pending&sort=created_at",
            # An index for one mark, for two, for a due date; and passes, of which each node wants something else.
            "/tasks/?status=pending&label=x", "/tasks/?due_before=2030-01-01&label=x", "/tasks/?due_before=2030-01-01",
            "/tasks/?status=pending&status=completed&priority=0", "/tasks/?q=level&sort=created_at",
            "/tasks/?status=pending&status=completed&sort=created_at", "/tasks/?due_before=2030-01-01&sort=created_at",
            "/tasks/?priority=0&priority=1&sort=-due_date", "/tasks/?label=x&label=y&sort=due_date",
            # After a first row that is not wanted, the index: for two marks, for three, for a mark and a due date.
            "/tasks/?label=x&status=completed&limit=1", "/tasks/?q=nowhere&status=completed&priority=5&limit=1",
            "/tasks/?label=x&due_before=2030-01-01&limit=1", "/tasks/?label=x&sort=created_at&limit=1"]


@pytest.mark.parametrize("level", LEVELS)
def test_every_read_takes_every_level(caller: Client, level: str) -> None:
    # More than a page of one, so that what its first rows tell leads to the index.
    task, *_ = (make(caller, f"read at {level} {number}") for number in range(3))
    # One node may be the one that has not heard of the task yet.
    later = (404, 409, 503) if level.endswith("ONE") else (409, 503)
    for path in reads(task):
        sent(partial(caller.get, path, headers={"Consistency-Level": level}), later)


def test_a_frozen_node_is_hardly_felt(cluster: LocalCluster, caller: Client) -> None:
    task = make(caller, "watched")
    path = f"/tasks/{task['task_id']}"
    acts: dict[str, Act] = {
        "GET": lambda client, _: client.get(path),
        "list": lambda client, _: client.get("/tasks/", limit=20),
        "POST": lambda client, number: client.post("/tasks/", json={"title": f"made {number}"}),
        "PATCH": lambda client, number: client.patch(path, json={"priority": number % 6})}
    frozen = cluster.nodes[1]
    with Clients(caller, acts) as clients:
        until(lambda: all(len(times) > 5 for times in clients.times.values()), 30, "nobody was answered")
        for times in clients.times.values():
            times.clear()
        frozen.pause()
        try:
            until(lambda: all(len(times) > 20 for times in clients.times.values()), 60, clients.told)
        finally:
            frozen.resume()
    assert clients.failed == [], clients.told()
    assert max(max(times) for times in clients.times.values()) < BUDGET + MARGIN, clients.told()


def test_an_address_has_one_user_though_a_node_hangs(cluster: LocalCluster, accounts: Service) -> None:
    admin = f"{secrets.token_hex(6)}@example.com"
    well(run_taskapp("create-admin", admin, "--json", **accounts.environment, TASKAPP_ADMIN_PASSWORD=PASSWORD))
    client = Client(accounts.url, bearer(log_in(accounts.url, admin)["token"]))
    emails = [f"{secrets.token_hex(6)}@example.com" for _ in range(24)]
    frozen = cluster.nodes[1]
    frozen.pause()
    try:
        found = _registered_during(accounts, emails, HANG_SECONDS)
    finally:
        frozen.resume()
    # It takes part again.
    sent(partial(client.get, "/users/me", headers={"Consistency-Level": "ALL"}))
    told = Counter(answer.status if answer.status < 500 else answer.json["code"] for answer in found.values())
    # None of them was taken, and what waited in the sockets of the node has come by now.
    assert set(told) <= {201, "outcome_unknown", "unavailable", "busy"}, told
    assert told[201] > len(emails) / 2, told
    users = Counter(user["email"] for page in client.pages("/users/", limit=200) for user in page)
    assert {email for email, answer in found.items() if answer.status == 201} <= set(users), told
    assert max(users[email] for email in emails) == 1, (told, users)
    for email in emails:
        token = Client(accounts.url).post("/tokens/", json={"email": email, "password": PASSWORD})
        assert token.status == (201 if users[email] else 401), (told, token.text)


def _registered_during(service: Service, emails: list[str], seconds: float) -> dict[str, Answer]:
    """Register users one after the other, each once, over so many seconds."""
    began, client = time.monotonic(), Client(service.url)

    def register(number: int) -> Answer:
        time.sleep(max(0.0, began + seconds * number / len(emails) - time.monotonic()))
        return client.post("/users/", json={"name": "Ann", "email": emails[number], "password": PASSWORD})

    with ThreadPoolExecutor(len(emails)) as pool:
        answers = list(pool.map(register, range(len(emails))))
    time.sleep(max(0.0, began + seconds - time.monotonic()))
    return dict(zip(emails, answers, strict=True))


def test_no_acknowledged_change_is_lost_whichever_node_dies(cluster: LocalCluster, caller: Client) -> None:
    made: dict[str, str] = {}

    def post(client: Client, number: int) -> Answer:
        title = f"{threading.get_ident()} {number}"
        answer = client.post("/tasks/", json={"title": title}, headers={"Idempotency-Key": title.replace(" ", "-")})
        if answer.status == 201:
            made[answer.json["task_id"]] = title
        return answer

    _, second, third = cluster.nodes
    # With pauses, so that the node that comes back has something of the processors.
    with Clients(caller, {"POST": post}, threads=12, pause=0.2) as clients:
        _while_dead(third, lambda: len(made))
        _back(cluster, third)
        _while_dead(second, lambda: len(made))
    assert clients.failed == [], clients.told()
    found = {task["task_id"]: task["title"] for task in _walked(caller)}
    assert {task_id: found.get(task_id) for task_id in made} == made
    titles = set(made.values())
    assert sum(title in titles for title in found.values()) == len(made), "a task was made twice"
    _levels_with_one_dead(caller)


def _walked(caller: Client) -> list[dict[str, Any]]:
    tasks, more = [], {}
    while more is not None:
        page = sent(partial(caller.get, "/tasks/", limit=100, **more))
        tasks += page.json
        more = {"cursor": page.headers["Next-Cursor"]} if "Next-Cursor" in page.headers else None
    return tasks


def _while_dead(node: LocalNode, made: Callable[[], int]) -> None:
    until(lambda: made() > 50, 60, "nothing was made")
    node.kill()
    before = made()
    until(lambda: made() > before + 100, 60, "nothing is made while a node is dead")


def _back(cluster: LocalCluster, node: LocalNode) -> None:
    node.start()
    # It starts while its processors serve the writers, too.
    node.wait_ready(deadline=240)
    for other in cluster.nodes:
        if other is not node:
            node.wait_for(other)


def _levels_with_one_dead(caller: Client) -> None:
    task = make(caller, "one is dead")
    for path in reads(task):
        for level in LEVELS:
            read = partial(caller.get, path, headers={"Consistency-Level": level})
            if level == "ALL":
                assert "Too few nodes answer for Consistency-Level ALL" in read().problem(503, "unavailable")["detail"]
            else:
                sent(read)
