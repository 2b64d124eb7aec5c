"""A node leaves the names of columns out of its answers, and sends them after all when a table has changed.

Negative control: the driver's own handler, for which the first test would not hold.
"""

from collections.abc import Callable, Iterator
from typing import Any

import pytest
from cassandra.protocol import ProtocolHandler, ResultMessage

from taskapp.cassandra.driver import policies
from taskapp.cassandra.driver.execute import Handler


class Told(Handler):
    """Notes which columns each answer names."""

    names: list[list[str] | None]

    @classmethod
    def decode_message(cls, *given: Any) -> Any:
        message = super().decode_message(*given)
        if isinstance(message, ResultMessage) and message.kind == 2:
            cls.names.append(message.column_metadata and [each[2] for each in message.column_metadata])
        return message


@pytest.fixture
def told(session: Any) -> Iterator[type[Told]]:
    before, session.client_protocol_handler = session.client_protocol_handler, Told
    Told.names = []
    yield Told
    session.client_protocol_handler = before


@pytest.fixture
def table(session: Any, new_keyspace: Callable[[], str]) -> str:
    keyspace = new_keyspace()
    for text in (f"CREATE KEYSPACE {keyspace} WITH replication = {{'class': 'NetworkTopologyStrategy', "
                 "'datacenter1': 1}", f"CREATE TABLE {keyspace}.t (k int PRIMARY KEY, a text, s set<text>)"):
        session.execute(text, execution_profile=policies.SCHEMA)
    return f"{keyspace}.t"


def rows(session: Any, statement: Any) -> list[tuple[Any, ...]]:
    return [tuple(row) for row in session.execute(statement, execution_profile=policies.READ)]


def test_known_columns_are_not_named(session: Any, table: str, told: type[Told]) -> None:
    session.execute(f"INSERT INTO {table} (k, a, s) VALUES (1, 'x', {{'y'}})")
    found = session.prepare(f"SELECT k, a, s FROM {table}")
    told.names.clear()
    assert rows(session, found) == [(1, "x", {"y"})]
    assert told.names == [None]


def test_the_driver_by_itself_has_them_named(session: Any, table: str, told: type[Told],
                                             monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Handler, "encode_message", ProtocolHandler.encode_message)
    found = session.prepare(f"SELECT k, a FROM {table}")
    told.names.clear()
    rows(session, found)
    assert told.names == [["k", "a"]]


def test_a_table_that_changed_is_told(session: Any, table: str, told: type[Told]) -> None:
    session.execute(f"INSERT INTO {table} (k, a, s) VALUES (1, 'x', {{'y'}})")
    every, some = (session.prepare(f"SELECT {names} FROM {table}") for names in ("*", "k, s"))
    assert rows(session, every) == [(1, "x", {"y"})]
    for change in ("ADD more int", "ADD abacus text", "DROP a"):
        session.execute(f"ALTER TABLE {table} {change}", execution_profile=policies.SCHEMA)
        if change == "ADD more int":
            session.execute(f"UPDATE {table} SET more = 7 WHERE k = 1")
        told.names.clear()
        found = session.execute(every, execution_profile=policies.MAPPER).one()
        assert {name: found[name] for name in ("k", "s", "more")} == {"k": 1, "s": {"y"}, "more": 7}
        assert set(found) == {"k", "s", "more", *(["a"] if change != "DROP a" else []),
                              *(["abacus"] if change != "ADD more int" else [])}
        assert rows(session, some) == [(1, {"y"})]
