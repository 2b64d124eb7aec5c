"""No body holds a worker: what costs more than its size is refused, and others are answered meanwhile.

Red when `kit/strict_json.py` composes any text (`_refuse_many_marks` returns at once, and there is no `MAX_TEXT`): to
compose such a body takes seconds, the first one minutes, and nobody else has the interpreter meanwhile.
"""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor

import pytest
import urllib3

from tests.fixtures.client import Answer, Client
from tests.fixtures.service import NewService

TIMES, PATIENCE = 8, 5
BODIES = {
    "marks": '{"title":"a' + "\u0301" * 250_000 + "\u0316" * 250_000 + '"}',
    "short-marks": '{"title":"a' + "\u0301" * 16_000 + "\u0316" * 16_000 + '"}',
    "marks-in-a-name": '{"a' + "\u0301" * 16_000 + "\u0316" * 16_000 + '":1}'}


@pytest.fixture(scope="module")
def alone(new_service: NewService) -> Iterator[Client]:
    """A service of one worker, so that nobody else can answer."""
    client = Client(new_service(TASKAPP_WORKERS=1).url)
    yield client
    client.close()


@pytest.mark.parametrize("body", BODIES.values(), ids=BODIES)
def test_others_are_answered(alone: Client, body: str) -> None:
    assert len(body.encode()) <= 1024**2

    def send(_: int) -> Answer:
        return alone.post("/tasks/", body=body.encode(), headers={"Content-Type": "application/json"})

    with ThreadPoolExecutor(TIMES) as pool:
        sent = [pool.submit(send, number) for number in range(TIMES)]
        while not all(each.done() for each in sent):
            live = urllib3.request("GET", f"{alone.url}/health/live", timeout=PATIENCE, retries=False)
            assert live.status == 200
    for each in sent:
        each.result().problem(422, "invalid")
