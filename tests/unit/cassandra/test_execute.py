"""The flag that tells a node to leave column names out is at its place, and only where it is safe."""

import struct
from typing import Any

import pytest
from cassandra import ConsistencyLevel
from cassandra.protocol import ExecuteMessage, ProtocolHandler, QueryMessage

from taskapp.cassandra.driver.execute import Handler

V4, V5 = 4, 5
QUERY_ID, METADATA_ID = b"q" * 16, b"m" * 16


def execute(**changed: Any) -> ExecuteMessage:
    given = {"query_id": QUERY_ID, "query_params": [b"value", None], "consistency_level": ConsistencyLevel.LOCAL_QUORUM,
             "serial_consistency_level": ConsistencyLevel.LOCAL_SERIAL, "fetch_size": 5000, "paging_state": b"page",
             "skip_meta": True, "result_metadata_id": METADATA_ID, **changed}
    return ExecuteMessage(**given)


def flags(frame: bytes, *ids: bytes) -> int:
    """Read the flags as the specification places them."""
    at = 9
    for each in ids:
        length, = struct.unpack_from(">H", frame, at)
        assert frame[at + 2:at + 2 + length] == each
        at += 2 + length
    consistency, found = struct.unpack_from(">HI", frame, at)
    assert consistency == ConsistencyLevel.LOCAL_QUORUM
    return int(found)


@pytest.mark.parametrize("more", [{}, {"fetch_size": None, "paging_state": None, "serial_consistency_level": None},
                                  {"query_params": []}, {"timestamp": 7}])
def test_the_flag_is_added_and_nothing_else_is_changed(more: dict[str, Any]) -> None:
    plain, lean = (each.encode_message(execute(**more), 3, V5, None, False) for each in (ProtocolHandler, Handler))
    before = flags(plain, QUERY_ID, METADATA_ID)
    assert not before & 2, "the driver writes the flag by now: this module can go"
    assert flags(lean, QUERY_ID, METADATA_ID) == before | 2
    assert len(lean) == len(plain)
    assert sum(one != other for one, other in zip(lean, plain, strict=True)) == 1


@pytest.mark.parametrize(("message", "version"), [
    (execute(skip_meta=False), V5), (execute(result_metadata_id=None), V4), (execute(), V4),
    (QueryMessage("SELECT 1", ConsistencyLevel.ONE), V5)])
def test_other_messages_stay_as_they_are(message: Any, version: int) -> None:
    assert Handler.encode_message(message, 3, version, None, False) == ProtocolHandler.encode_message(
        message, 3, version, None, False)
