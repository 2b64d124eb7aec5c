"""Many clients at once: nothing is lost, nothing is done twice.

Red when: a write is no longer conditional; a conflict is answered as a success; a create may fail under load.
"""

import threading
import uuid
from collections import Counter
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest

from tests.fixtures.client import Answer, Client


def at_once(clients: int, work: Callable[[int], Any]) -> list[Any]:
    """Let each client begin at the same moment."""
    gate = threading.Barrier(clients)

    def run(number: int) -> Any:
        gate.wait()
        return work(number)

    with ThreadPoolExecutor(clients) as pool:
        return list(pool.map(run, range(clients)))


def test_16_clients_make_20_tasks_each(client: Client) -> None:
    mark = uuid.uuid4().hex

    def work(number: int) -> list[Answer]:
        return [client.post("/tasks/", json={"title": f"{mark} {number} {each}"}) for each in range(20)]

    answers = [answer for some in at_once(16, work) for answer in some]
    assert Counter(answer.status for answer in answers) == {201: 320}
    made = {answer.json["task_id"]: answer.json for answer in answers}
    for sort in ("-created_at", "due_date"):
        listed = {task["task_id"]: task for task in client.walk(sort=sort) if task["title"].startswith(mark)}
        assert listed == made


def check_versions(accepted: list[int], history: list[dict[str, Any]], final: int) -> None:
    """Hold that the accepted versions are 2…N, each given once, and that the history has them all."""
    assert sorted(accepted) == list(range(2, final + 1))
    assert [change["version"] for change in history] == list(range(final, 0, -1))


def test_8_writers_with_if_match_on_one_task(client: Client) -> None:
    task = client.make()
    path = f"/tasks/{task['task_id']}"

    def work(number: int) -> list[tuple[int, Any]]:
        outcomes = []
        for each in range(10):
            tag = client.get(path).etag
            answer = client.patch(path, json={"title": f"{number} {each}"}, headers={"If-Match": tag})
            outcomes.append((answer.status, answer.json))
        return outcomes

    outcomes = [outcome for some in at_once(8, work) for outcome in some]
    assert {status for status, _ in outcomes} == {200, 412}
    won = [body for status, body in outcomes if status == 200]
    lost = [body for status, body in outcomes if status == 412]
    history = client.walk(f"{path}/history")
    check_versions([body["version"] for body in won], history, client.read(task)["version"])
    assert all(body["code"] == "version_conflict" for body in lost)
    # Nothing of a loser is stored, and each winner's title is in the history at its version.
    assert {change["version"]: change["diff"]["title"][1] for change in history} == \
        {1: task["title"], **{body["version"]: body["title"] for body in won}}


def test_writers_without_if_match_lose_nothing(client: Client) -> None:
    task = client.make()
    path = f"/tasks/{task['task_id']}"

    def work(number: int) -> list[int]:
        return [client.patch(path, json={"labels": {"add": [f"{number}-{each}"]}}).status for each in range(4)]

    statuses = Counter(status for some in at_once(8, work) for status in some)
    assert set(statuses) <= {200, 503}, statuses
    found = client.read(task)
    # Contention may be told (503, nothing stored); what was acknowledged is there.
    assert len(found["labels"]) == statuses[200]
    assert found["version"] == 1 + statuses[200]
    assert statuses[200] >= 24


def test_two_clients_that_each_add_a_label_keep_both(client: Client) -> None:
    for _ in range(10):
        task = client.make(labels=["mine"])
        path = f"/tasks/{task['task_id']}"
        answers = at_once(2, lambda number, to=path: client.patch(to, json={"labels": {"add": [f"label-{number}"]}}))
        assert [answer.status for answer in answers] == [200, 200]
        assert client.read(task)["labels"] == ["label-0", "label-1", "mine"]


def test_a_clients_own_id_is_given_once(client: Client) -> None:
    path = f"/tasks/{uuid.uuid4()}"
    answers = at_once(8, lambda number: client.put(path, json={"title": str(number)}, headers={"If-None-Match": "*"}))
    assert Counter(answer.status for answer in answers) == {201: 1, 412: 7}
    winner = next(answer.json for answer in answers if answer.status == 201)
    assert client.get(path).ok() == winner


def test_delete_and_patch_at_once_agree_in_the_end(client: Client) -> None:
    for _ in range(10):
        task = client.make()
        path = f"/tasks/{task['task_id']}"
        at_once(4, lambda number, to=path: client.patch(to, json={"title": "p"}) if number % 2 else client.delete(to))
        shelves = [client.get("/tasks/", ids=task["task_id"], trash=trash).ok() for trash in ("false", "true")]
        lists = [[each for each in client.walk(trash=trash) if each["task_id"] == task["task_id"]]
                 for trash in ("false", "true")]
        assert shelves == lists
        assert sorted(map(len, shelves)) == [0, 1]


# -- The check itself

@pytest.mark.parametrize(("accepted", "versions", "final"), [
    ([2, 2], [2, 1], 2), ([2], [3, 2, 1], 3), ([2, 3], [3, 1], 3), ([2, 4], [4, 3, 2, 1], 4)])
def test_control_a_lost_or_doubled_version_is_seen(accepted: list[int], versions: list[int], final: int) -> None:
    check_versions([2, 3], [{"version": version} for version in (3, 2, 1)], 3)
    with pytest.raises(AssertionError):
        check_versions(accepted, [{"version": version} for version in versions], final)
