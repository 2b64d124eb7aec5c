"""The API against a plain dict: whatever is done in whatever order, both agree (hypothesis).

Red when any write changes more or less than it says, a list shows what is not there, or a version is skipped.
"""

import os
import uuid
from collections.abc import Iterator
from typing import Any

import pytest
from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    Bundle,
    RuleBasedStateMachine,
    initialize,
    invariant,
    multiple,
    rule,
    run_state_machine_as_test,
)

from tests.fixtures.client import Client, Task
from tests.fixtures.orders import SORTS, check_walk
from tests.fixtures.service import Service

STATUSES = ("pending", "in_progress", "completed", "cancelled")
DATES = st.sampled_from([None, "2027-01-01T00:00:00.000Z", "2028-01-01T00:00:00.000Z", "1999-01-01T00:00:00.000Z"])
TITLES, LABELS = st.sampled_from(["One", "Two", "Three"]), st.lists(st.sampled_from("abc"), unique=True).map(sorted)
FOUR = {"description": None, "status": "pending", "due_date": None}
MEMBERS: dict[str, Any] = {"title": TITLES, "description": st.none() | TITLES, "status": st.sampled_from(STATUSES),
                           "due_date": DATES, "priority": st.integers(0, 5), "labels": LABELS}
BODIES = st.fixed_dictionaries({"title": TITLES}, optional={name: each for name, each in MEMBERS.items()
                                                            if name != "title"})
PATCHES = st.fixed_dictionaries({}, optional=MEMBERS)
# What the service sets by itself, and the model takes over from its answers.
TIMES = ("updated_at", "completed_at")
_NO_SHRINKING = [Phase.explicit, Phase.generate]


class Model:
    """What the service should know of one task."""

    def __init__(self, task: Task) -> None:
        self.task = task
        self.versions: list[Task | None] = [task]
        self.trashed = self.removed = False

    def became(self, fields: dict[str, Any], *, trashed: bool = False) -> None:
        self.task = {**self.task, **fields, "version": self.task["version"] + 1}
        self.trashed = trashed
        self.versions.append(None if trashed else self.task)


class TasksOverHttp(RuleBasedStateMachine):
    """The machine; `client` is set by the test below."""

    client: Client
    tasks = Bundle("tasks")

    def __init__(self) -> None:
        super().__init__()
        self.models: dict[str, Model] = {}

    @initialize(target=tasks, body=BODIES)
    def begin(self, body: dict[str, Any]) -> str:
        return self._made(self.client.post("/tasks/", json=body).ok(201), body)

    @rule(target=tasks, body=BODIES)
    def create(self, body: dict[str, Any]) -> str:
        return self._made(self.client.post("/tasks/", json=body).ok(201), body)

    @rule(target=tasks, body=BODIES)
    def create_with_own_id(self, body: dict[str, Any]) -> str:
        answer = self.client.put(f"/tasks/{uuid.uuid4()}", json=body, headers={"If-None-Match": "*"})
        return self._made(answer.ok(201), body)

    @rule(target=tasks, task_id=tasks, body=BODIES)
    def create_again(self, task_id: str, body: dict[str, Any]) -> Any:
        model = self.models[task_id]
        answer = self.client.put(f"/tasks/{task_id}", json=body, headers={"If-None-Match": "*"})
        taken = (409, "in_trash") if model.trashed else (412, "already_exists")
        expected = (409, "removed") if model.removed else taken
        answer.problem(*expected)
        return multiple()

    @rule(task_id=tasks, body=BODIES, condition=st.sampled_from(["none", "current", "stale"]))
    def put(self, task_id: str, body: dict[str, Any], condition: str) -> None:
        self._write("PUT", task_id, body, {**FOUR, **body}, condition)

    @rule(task_id=tasks, body=PATCHES, condition=st.sampled_from(["none", "current", "stale"]))
    def patch(self, task_id: str, body: dict[str, Any], condition: str) -> None:
        self._write("PATCH", task_id, body, body, condition)

    @rule(task_id=tasks, add=LABELS, remove=LABELS)
    def patch_labels(self, task_id: str, add: list[str], remove: list[str]) -> None:
        labels = sorted((set(self.models[task_id].task["labels"]) | set(add)) - set(remove))
        self._write("PATCH", task_id, {"labels": {"add": add, "remove": remove}}, {"labels": labels}, "none")

    @rule(task_id=tasks)
    def delete(self, task_id: str) -> None:
        model = self.models[task_id]
        answer = self.client.delete(f"/tasks/{task_id}")
        if model.trashed or model.removed:
            answer.problem(404, "not_found")
        else:
            assert answer.ok() == {"message": "Task deleted successfully"}
            model.became({}, trashed=True)

    @rule(task_id=tasks)
    def restore(self, task_id: str) -> None:
        model = self.models[task_id]
        answer = self.client.post(f"/tasks/{task_id}/restore")
        if model.removed:
            answer.problem(404, "not_found")
        elif not model.trashed:
            answer.problem(409, "not_in_trash")
        else:
            self._agrees(model, answer.ok(), {})

    @rule(task_id=tasks)
    def undo(self, task_id: str) -> None:
        model = self.models[task_id]
        answer = self.client.post(f"/tasks/{task_id}/undo")
        if model.trashed or model.removed:
            answer.problem(404, "not_found")
            return
        before = model.versions[-2] if len(model.versions) > 1 else None
        if before is None:
            # It takes back the creation, or a restore: to the trash.
            answer.ok()
            model.became({}, trashed=True)
        else:
            back = {name: value for name, value in before.items() if name not in ("version", "updated_at")}
            self._agrees(model, answer.ok(), back)
            assert model.task["completed_at"] == before["completed_at"]

    @rule(task_id=tasks)
    def remove(self, task_id: str) -> None:
        model = self.models[task_id]
        answer = self.client.delete(f"/tasks/{task_id}", permanent="true")
        if model.removed:
            answer.problem(404, "not_found")
        else:
            answer.ok()
            model.removed = True

    @rule(task_id=tasks)
    def history(self, task_id: str) -> None:
        model = self.models[task_id]
        answer = self.client.get(f"/tasks/{task_id}/history", limit=200)
        if model.trashed or model.removed:
            answer.problem(404, "not_found")
            return
        changes = answer.ok()
        assert [change["version"] for change in changes] == list(range(model.task["version"], 0, -1))
        # Going back along the diffs leads from the task as it is to the task as it was made.
        state = dict(model.task)
        for change in changes[:-1]:
            for name, (old, new) in change["diff"].items():
                if name != "deleted_at":
                    assert state[name] == new
                    state[name] = old
        first = model.versions[0]
        assert first is not None
        assert {name: state[name] for name in MEMBERS} == {name: first[name] for name in MEMBERS}

    @rule(sort=st.sampled_from(SORTS), trash=st.booleans(), status=st.none() | st.sampled_from(STATUSES),
          limit=st.sampled_from([3, 200]))
    def list_(self, sort: str, trash: bool, status: str | None, limit: int) -> None:
        asked = {"sort": sort, "trash": str(trash).lower(), "limit": limit, **({"status": status} if status else {})}
        walk = [{name: value for name, value in task.items() if name != "deleted_at"}
                for task in self.client.walk(**asked)]
        expected = [model.task for model in self.models.values() if not model.removed and model.trashed == trash
                    and status in (None, model.task["status"])]
        if trash:
            walk = [{**task, "updated_at": None} for task in walk]
            expected = [{**task, "updated_at": None} for task in expected]
        ours = [task for task in walk if task["task_id"] in self.models]
        check_walk(ours, expected, sort)
        assert len(ours) == len(expected)

    @invariant()
    def each_is_as_the_model_says(self) -> None:
        for task_id, model in list(self.models.items())[-3:]:
            answer = self.client.get(f"/tasks/{task_id}")
            if model.removed or model.trashed:
                answer.problem(404, "not_found")
            else:
                assert answer.ok() == model.task
                assert answer.etag == f'"{model.task["version"]}"'

    def _made(self, task: Task, body: dict[str, Any]) -> str:
        wanted = {**FOUR, "priority": 0, "labels": [], **body}
        assert {name: task[name] for name in wanted} == wanted
        assert task["version"] == 1
        self.models[task["task_id"]] = Model(task)
        return str(task["task_id"])

    def _write(self, method: str, task_id: str, body: dict[str, Any], fields: dict[str, Any], condition: str) -> None:
        model = self.models[task_id]
        version = model.task["version"] - (condition == "stale")
        headers = {} if condition == "none" else {"If-Match": f'"{version}"'}
        answer = self.client.send(method, f"/tasks/{task_id}", json=body, headers=headers)
        if model.trashed or model.removed:
            answer.problem(404, "not_found")
        elif condition == "stale":
            assert answer.problem(412, "version_conflict")["current_version"] == model.task["version"]
        else:
            self._agrees(model, answer.ok(), fields)

    def _agrees(self, model: Model, task: Task, fields: dict[str, Any]) -> None:
        changed = {name: value for name, value in fields.items() if model.task[name] != value}
        if not changed and not model.trashed:
            assert task == model.task
            return
        model.became(fields | {name: task[name] for name in TIMES})
        assert task == model.task
        assert (task["completed_at"] is not None) == (task["status"] == "completed")


@pytest.fixture
def machine(service: Service) -> Iterator[type[TasksOverHttp]]:
    client = Client(service.url)
    yield type("Machine", (TasksOverHttp,), {"client": client})
    client.close()


def test_the_api_is_a_dict_with_a_history(machine: type[TasksOverHttp]) -> None:
    examples = int(os.environ.get("STATE_MACHINE_EXAMPLES", "15"))
    run_state_machine_as_test(machine, settings=settings(
        max_examples=examples, stateful_step_count=25, deadline=None, suppress_health_check=list(HealthCheck)))


def test_control_a_write_that_is_lost_is_seen(machine: type[TasksOverHttp]) -> None:
    class Forgetful(machine):  # type: ignore[misc, valid-type]
        def _agrees(self, model: Model, task: Task, fields: dict[str, Any]) -> None:
            super()._agrees(model, task, {**fields, **({"priority": 0} if "priority" in fields else {})})

    with pytest.raises(AssertionError):
        run_state_machine_as_test(Forgetful, settings=settings(
            max_examples=40, stateful_step_count=15, deadline=None, database=None, phases=_NO_SHRINKING,
            suppress_health_check=list(HealthCheck)))
