"""The one connection of a process: made once, after the fork, and handed to cqlengine."""

import logging
import threading
import time
from typing import Any

from cassandra import AuthenticationFailed, DriverException
from cassandra.cluster import Cluster, NoHostAvailable, Session
from cassandra.cqlengine import connection as mapper
from cassandra.cqlengine import models as mapper_models
from cassandra.io.libevreactor import LibevConnection
from cassandra.policies import ExponentialReconnectionPolicy
from cassandra.query import PreparedStatement

from taskapp.cassandra import policies
from taskapp.cassandra.errors import CAUGHT, DatabaseUnavailable, translate
from taskapp.settings import Settings

log = logging.getLogger(__name__)
# Native protocol 5: checksummed frames, and result metadata that follows a changed table.
PROTOCOL = 5


class Database:
    """A session, its prepared statements, and the keyspace they live in."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._prepared: dict[str, PreparedStatement] = {}
        self._session: Session | None = None
        self.keyspace = ""
        self.slow_seconds = 0.5
        # Seconds that a statement may take, by execution profile.
        self.timeouts: dict[object, float] = {}

    @property
    def session(self) -> Session:
        """The driver's session.

        :raise DatabaseUnavailable: before ``connect``
        """
        if self._session is None:
            raise DatabaseUnavailable("there is no connection yet")
        return self._session

    @property
    def cluster(self) -> Cluster:
        """The driver's cluster."""
        return self.session.cluster

    @property
    def connected(self) -> bool:
        """Whether ``connect`` succeeded."""
        return self._session is not None

    def connect(self, settings: Settings) -> None:
        """Connect once; a second call does nothing.

        :raise DatabaseUnavailable: no node answered
        """
        with self._lock:
            if self._session is not None:
                return
            cluster = _cluster(settings)
            try:
                session = cluster.connect()
            except (NoHostAvailable, DriverException, AuthenticationFailed) as error:
                cluster.shutdown()
                raise DatabaseUnavailable(_brief(error)) from error
            self.keyspace = settings.cassandra_keyspace
            self.slow_seconds = settings.slow_query_ms / 1000
            self.timeouts = {name: profile.request_timeout
                             for name, profile in cluster.profile_manager.profiles.items()}
            _hand_to_mapper(session, self.keyspace)
            self._session = session

    def connect_patiently(self, settings: Settings) -> None:
        """Connect, waiting for the cluster as long as ``connect_wait`` says, with a message.

        :raise DatabaseUnavailable: it did not come in time
        """
        deadline = time.monotonic() + settings.connect_wait
        pause = 0.25
        while True:
            try:
                return self.connect(settings)
            except DatabaseUnavailable as error:
                if time.monotonic() + pause > deadline:
                    raise
                log.warning("Waiting for Cassandra at %s: %s", address(settings), error)
                time.sleep(pause)
                pause = min(pause * 2, 5.0)

    def close(self) -> None:
        """Close the connection; ``connect`` may be called again."""
        with self._lock:
            if self._session is not None:
                # This shuts the cluster down, too.
                mapper.unregister_connection("default")
            self._session = None
            self._prepared.clear()

    def prepare(self, cql: str) -> PreparedStatement:
        """Prepare a text once per process."""
        prepared = self._prepared.get(cql)
        if prepared is None:
            with self._lock:
                prepared = self._prepared.get(cql)
                if prepared is None:
                    prepared = self._prepared[cql] = self._prepare(cql)
        return prepared

    def _prepare(self, cql: str) -> PreparedStatement:
        try:
            return self.session.prepare(cql)
        except CAUGHT as error:
            raise translate(error, "prepare", writes=False) from error

    @property
    def prepared_count(self) -> int:
        """How many statements are prepared."""
        return len(self._prepared)


db = Database()


def address(settings: Settings) -> str:
    """Name the cluster that is asked, for messages."""
    return ", ".join(_contact_points(settings)) + f" port {settings.cassandra_port}"


def _contact_points(settings: Settings) -> list[str]:
    return list(settings.cassandra_contact_points) or [settings.node_address]


def _cluster(settings: Settings) -> Cluster:
    options: dict[str, Any] = {
        "contact_points": _contact_points(settings),
        "port": settings.cassandra_port,
        "protocol_version": PROTOCOL,
        "execution_profiles": policies.profiles(settings),
        "auth_provider": policies.auth_provider(settings),
        "ssl_context": policies.ssl_context(settings),
        "connection_class": LibevConnection,
        "connect_timeout": 5,
        "control_connection_timeout": 5,
        # A node that hangs without closing its sockets is noticed within ten seconds.
        "idle_heartbeat_interval": 5,
        "idle_heartbeat_timeout": 5,
        "reconnection_policy": ExponentialReconnectionPolicy(0.25, 5.0, max_attempts=None),
        "max_schema_agreement_wait": 30,
    }
    cluster = Cluster(**options)
    if cluster.ssl_context is not None:
        cluster.ssl_options = None
    return cluster


def _hand_to_mapper(session: Session, keyspace: str) -> None:
    mapper_models.DEFAULT_KEYSPACE = keyspace
    mapper.register_connection("default", session=session, default=True)


def _brief(error: Exception) -> str:
    errors = getattr(error, "errors", None)
    if isinstance(errors, dict) and errors:
        return "; ".join(sorted({str(each) for each in errors.values()}))
    return str(error)
