"""The one connection of a process: opened once, after the fork, and handed to cqlengine."""

import logging
import socket
import threading
import time
from typing import Any

from cassandra import DriverException, UnresolvableContactPoints
from cassandra.cluster import Cluster, NoHostAvailable, Session
from cassandra.cqlengine import connection as mapper
from cassandra.cqlengine import models as mapper_models
from cassandra.policies import ExponentialReconnectionPolicy
from cassandra.query import PreparedStatement

from taskapp.cassandra.driver import policies
from taskapp.cassandra.driver.breaker import Breaker, Rule
from taskapp.cassandra.driver.execute import Handler
from taskapp.cassandra.driver.metrics import DriverCounts
from taskapp.cassandra.errors import CAUGHT, DatabaseUnavailable, translate
from taskapp.cassandra.reach.credentials import auth_provider
from taskapp.cassandra.reach.handshake import hung_up, last_word
from taskapp.cassandra.reach.places import Place, address, place
from taskapp.cassandra.reach.refusals import refusal
from taskapp.settings import BadSettings, Settings

log = logging.getLogger(__name__)
# Bytes of values that a logged batch may hold: with the limits of `deploy/` and the local node, and with a node's
# default, which is 50 KiB including everything that is not a value.
LARGE_BATCH, SMALL_BATCH = 512 * 1024, 32 * 1024


class Database:
    """A session, its prepared statements, and the keyspace they live in."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._prepared: dict[str, PreparedStatement] = {}
        self._session: Session | None = None
        self.keyspace = ""
        self.slow_seconds = 0.5
        # Timeouts of statements in seconds, by execution profile.
        self.timeouts: dict[object, float] = {}
        self.breaker = Breaker(Rule())
        # The most bytes of values in a logged batch.
        self.largest_batch = LARGE_BATCH

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
        :raise BadSettings: a node answered and refused; waiting does not help
        """
        with self._lock:
            if self._session is not None:
                return
            cluster, session = _open(settings)
            self.keyspace = settings.keyspace
            self.slow_seconds = settings.slow_query_ms / 1000
            self.timeouts = {name: profile.request_timeout
                             for name, profile in cluster.profile_manager.profiles.items()}
            self.breaker = Breaker(Rule.of(settings))
            self.largest_batch = LARGE_BATCH
            _hand_to_mapper(session, self.keyspace)
            self._session = session

    def connect_patiently(self, settings: Settings) -> None:
        """Connect, waiting up to ``connect_wait`` for the cluster and logging that.

        :raise DatabaseUnavailable: it did not answer in time
        :raise BadSettings: as ``connect``, at once
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
                # This also shuts down the cluster.
                mapper.unregister_connection("default")
            self._session = None
            self._prepared.clear()

    def prepare(self, cql: str) -> PreparedStatement:
        """Prepare a CQL text once per process."""
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


def _open(settings: Settings) -> tuple[Cluster, Session]:
    try:
        cluster = _cluster(settings, place(settings))
    except UnresolvableContactPoints as error:
        raise DatabaseUnavailable("no contact point has an address") from error
    try:
        session = cluster.connect()
        session.client_protocol_handler = Handler
    except (NoHostAvailable, DriverException) as error:
        cluster.shutdown()
        # By host; only a list of hosts when just the second connection, the session's, failed.
        told = getattr(error, "errors", None)
        errors = list(told.values()) if isinstance(told, dict) and told else [error]
        raise (refusal(settings, address(settings), errors + _last_words(cluster, errors))
               or DatabaseUnavailable("; ".join(sorted({str(each) for each in errors})))) from error
    if settings.astra and settings.keyspace not in cluster.metadata.keyspaces:
        cluster.shutdown()
        raise BadSettings(f"ASTRA_DB_KEYSPACE: {address(settings)} has no keyspace {settings.keyspace!r}; "
                          "make it on Astra's pages")
    return cluster, session


def _last_words(cluster: Cluster, errors: list[Exception]) -> list[Exception]:
    """Ask nodes that hung up during TLS once more, for their reason alone."""
    if cluster.ssl_context is None or not any(hung_up(str(each)) for each in errors):
        return []
    words = []
    for endpoint in cluster.endpoints_resolved:
        name = (endpoint.ssl_options or {}).get("server_hostname", endpoint.address)
        host, port = endpoint.resolve()
        words.append(last_word(host, port, cluster.ssl_context, name))
    return [each for each in words if each is not None]


def _cluster(settings: Settings, found: Place) -> Cluster:
    options: dict[str, Any] = {
        **found.options,
        "execution_profiles": policies.profiles(settings, found.local_dc),
        # The driver writes a large request in pieces; without this each waits 40 ms for the node's delayed ACK.
        "sockopts": [(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)],
        "auth_provider": auth_provider(settings),
        "connect_timeout": 5,
        "control_connection_timeout": 5,
        # A node that hangs without closing its sockets is noticed within ten seconds.
        "idle_heartbeat_interval": 5,
        "idle_heartbeat_timeout": 5,
        "reconnection_policy": ExponentialReconnectionPolicy(0.25, 5.0, max_attempts=None),
        "max_schema_agreement_wait": 30,
    }
    cluster = Cluster(**options)
    cluster.metrics = DriverCounts()
    return cluster


def _hand_to_mapper(session: Session, keyspace: str) -> None:
    mapper_models.DEFAULT_KEYSPACE = keyspace
    mapper.register_connection("default", session=session, default=True)
