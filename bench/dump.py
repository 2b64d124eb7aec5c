"""`Schema.dump` beside the compiled dump, for 50 tasks: `python -m bench.dump`."""

import timeit
import uuid
from datetime import datetime, timedelta
from statistics import median

import orjson

from taskapp.features.tasks.models import Task
from taskapp.features.tasks.schemas import TaskSchema
from taskapp.kit.dump import compile_dump

TASKS, REPEATS, GOES = 50, 20, 7


def rows() -> list[Task]:
    """Make 50 tasks as the service has them after reading them."""
    now = datetime(2026, 11, 21, 6, 47, 0, 123000)
    return [Task(**{
        "task_id": uuid.UUID(int=number), "project_id": uuid.UUID(int=1), "title": f"Task {number}",
        "description": "Finish the API implementation. " * 4, "status": "pending", "priority": number % 6,
        "due_date": now + timedelta(days=number), "labels": frozenset({"home", "ops"}), "assignees": frozenset(),
        "parent_id": None, "metadata": {"ticket": "4711"}, "created_by": uuid.UUID(int=2), "created_at": now,
        "updated_at": now, "completed_at": None, "expires_at": None, "current_version": 1}) for number in range(TASKS)]


def run() -> dict[str, float]:
    """Measure both, to JSON and without, in microseconds for all 50."""
    tasks, schema = rows(), TaskSchema(many=True)
    one = compile_dump(TaskSchema())
    assert [orjson.loads(orjson.dumps(one(task))) for task in tasks] == schema.dump(tasks), "they differ"
    ways = {
        "schema_dump_us": lambda: schema.dump(tasks),
        "compiled_dump_us": lambda: [one(task) for task in tasks],
        "schema_dump_and_orjson_us": lambda: orjson.dumps(schema.dump(tasks)),
        "compiled_dump_and_orjson_us": lambda: orjson.dumps([one(task) for task in tasks]),
    }
    found: dict[str, list[float]] = {name: [] for name in ways}
    for _ in range(GOES):
        for name, way in ways.items():
            found[name].append(timeit.timeit(way, number=REPEATS) / REPEATS * 1e6)
    times = {name: round(median(values), 1) for name, values in found.items()}
    return {**times, "ratio": round(times["schema_dump_us"] / times["compiled_dump_us"], 1)}


if __name__ == "__main__":
    for name, value in run().items():
        print(f"{name:30} {value:10.1f}")
