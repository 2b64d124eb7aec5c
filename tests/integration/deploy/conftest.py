"""Two instances of the service, and nginx in front of them as it is deployed."""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from taskapp.localnode import ports
from tests.fixtures.cassandra import Cassandra
from tests.fixtures.client import Client
from tests.integration.deploy.instance import Instance
from tests.integration.deploy.nginx import Nginx

NewNginx = Callable[..., Nginx]


@pytest.fixture(scope="module")
def both(cassandra: Cassandra, keyspace: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[list[Instance]]:
    settings = {**cassandra.environment, "TASKAPP_CASSANDRA_KEYSPACE": keyspace, "TASKAPP_WORKERS": "1"}
    made = []
    for _ in range(2):
        folder = tmp_path_factory.mktemp("instance")
        made.append(Instance(folder, {**settings, "PORT": str(ports.find_free("127.0.0.1")), "TMPDIR": str(folder)}))
        made[-1].start()
    yield made
    for each in made:
        each.resume()
        each.stop()


@pytest.fixture
def instances(both: list[Instance]) -> Iterator[list[Instance]]:
    """Two instances that run, whatever the test before did to them."""
    yield both
    for each in both:
        each.resume()
        each.revive()


@pytest.fixture
def new_nginx(tmp_path: Path) -> Iterator[NewNginx]:
    """Put nginx in front of instances."""
    started: list[Nginx] = []

    def start(*behind: Instance, max_conns: int = 32, read_timeout: int = 15) -> Nginx:
        started.append(Nginx(tmp_path, [each.port for each in behind], max_conns, read_timeout))
        started[-1].start()
        return started[-1]

    yield start
    for each in started:
        each.stop()


@pytest.fixture
def client(new_nginx: NewNginx, instances: list[Instance]) -> Client:
    return Client(new_nginx(*instances).url)
