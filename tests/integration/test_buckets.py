"""A project of many buckets lists as one of one bucket does.

Here a bucket is full at 64 tasks instead of 20,000. Red when: two processes disagree about the bucket of a time; a
bucket's opening is used before its notice; a page stops at the end of a bucket.
"""

import uuid
from collections import Counter
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest

from tests.fixtures.client import Client, Task
from tests.fixtures.orders import SORTS, check_walk
from tests.fixtures.service import NewService, Service

STATUSES = ("pending", "in_progress", "completed", "cancelled")
TASKS, CLIENTS = 640, 8


@pytest.fixture(scope="module")
def buckets_keyspace(new_keyspace: Callable[[], str]) -> str:
    return new_keyspace()


@pytest.fixture(scope="module")
def service(new_service: NewService, buckets_keyspace: str) -> Service:  # type: ignore[misc]
    return new_service(TASKAPP_CASSANDRA_KEYSPACE=buckets_keyspace, TASKAPP_BUCKET_SIZE=64,
                       TASKAPP_BUCKET_NOTICE="0.3", TASKAPP_WORKERS=2)


@pytest.fixture
def client(service: Service) -> Iterator[Client]:
    made = Client(service.url)
    yield made
    made.close()


@pytest.fixture(scope="module")
def many(service: Service) -> list[Task]:
    """Make enough tasks, by several clients at once, that several buckets open."""
    client = Client(service.url)

    def make(number: int) -> Task:
        due = None if number % 3 == 0 else f"2027-01-{number % 28 + 1:02}T00:00:00.000Z"
        return client.make(f"Task {number}", status=STATUSES[number % 4], due_date=due)

    with ThreadPoolExecutor(CLIENTS) as pool:
        made = list(pool.map(make, range(TASKS)))
    client.close()
    return made


def rows(session: Any, keyspace: str, text: str) -> list[Any]:
    return [tuple(row.values()) for row in session.execute(text.replace("$ks", keyspace))]


def test_several_buckets_opened(session: Any, buckets_keyspace: str, many: list[Task]) -> None:
    buckets = {row[0] for row in rows(session, buckets_keyspace, "SELECT bucket FROM $ks.tasks_by_project")}
    assert len(buckets) >= 3, buckets
    assert buckets == set(range(len(buckets)))
    by_due = {row[0] for row in rows(session, buckets_keyspace, "SELECT bucket FROM $ks.tasks_by_due")}
    assert by_due == {bucket // 5 for bucket in buckets}


def test_buckets_hold_disjoint_spans_of_time(session: Any, buckets_keyspace: str, many: list[Task]) -> None:
    opened = dict(rows(session, buckets_keyspace, "SELECT bucket, opened_at FROM $ks.project_buckets"))
    # Its row says that others were announced; it was open from the beginning.
    del opened[0]
    for bucket, created_at in rows(session, buckets_keyspace, "SELECT bucket, created_at FROM $ks.tasks_by_project"):
        assert bucket == sum(at <= created_at for at in opened.values())


@pytest.mark.parametrize("sort", SORTS)
@pytest.mark.parametrize("limit", [200, 37])
def test_every_walk_is_complete_and_in_order(client: Client, many: list[Task], sort: str, limit: int) -> None:
    pages = list(client.pages(sort=sort, limit=limit))
    assert all(len(page) == limit for page in pages[:-1])
    check_walk([task for page in pages for task in page], many, sort)
    assert sum(map(len, pages)) == len(many)


@pytest.mark.parametrize("sort", SORTS)
@pytest.mark.parametrize("statuses", [["completed"], ["pending", "cancelled"]])
def test_every_filtered_walk_is_too(client: Client, many: list[Task], sort: str, statuses: list[str]) -> None:
    pages = list(client.pages(sort=sort, limit=50, status=statuses))
    assert all(len(page) == 50 for page in pages[:-1])
    check_walk([task for page in pages for task in page], [task for task in many if task["status"] in statuses], sort)


def test_a_task_keeps_its_bucket(session: Any, buckets_keyspace: str, client: Client, many: list[Task]) -> None:
    old = many[0]
    client.patch(f"/tasks/{old['task_id']}", json={"status": "cancelled", "due_date": "2040-01-01T00:00:00Z"}).ok()
    client.delete(f"/tasks/{old['task_id']}").ok()
    back = client.post(f"/tasks/{old['task_id']}/restore").ok()
    for sort in SORTS:
        check_walk(client.walk(sort=sort), [back, *many[1:]], sort)
    found = rows(session, buckets_keyspace, "SELECT task_id, bucket FROM $ks.tasks_by_project")
    assert dict(found)[uuid.UUID(old["task_id"])] == 0
    client.post(f"/tasks/{old['task_id']}/undo").ok()


def test_tasks_of_all_buckets_that_move_to_the_back_of_a_walk_are_met(client: Client, many: list[Task]) -> None:
    before = [task["task_id"] for task in client.walk(sort="due_date")]
    pages = client.pages(sort="due_date", limit=100)
    walk = next(pages)
    for task_id in before[100::20]:
        client.patch(f"/tasks/{task_id}", json={"due_date": "1990-01-01T00:00:00Z"}).ok()
    rest = list(pages)
    assert all(len(page) == 100 for page in rest[:-1])
    walk += [task for page in rest for task in page]
    assert Counter(task["task_id"] for task in walk) == Counter(before)
