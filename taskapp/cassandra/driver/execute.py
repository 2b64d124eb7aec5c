"""Executing prepared statements without receiving their result metadata each time.

A node sends the names and types of a result's columns with every answer unless it is told that they are known. The
driver means to tell it (`skip_meta` in `cassandra/cluster.py`) but does not: the flag is never written
(`cassandra/protocol.py`, 3.30). So each answer carries some twenty names and types, and the driver parses them and
creates a class for each collection.

Leaving them out is safe from protocol version 5 on: the node compares the id of the metadata with which the statement
was prepared, and sends them anyway when a table has changed (native_protocol_v5.spec, 4.1.4 and 4.2.5.2).
"""

from typing import Any

from cassandra import ProtocolVersion
from cassandra.protocol import ExecuteMessage, ProtocolHandler

# native_protocol_v5.spec: a frame's header (2), the flag (4.1.4).
_HEADER, _SKIP_METADATA = 9, 0x02


class Handler(ProtocolHandler):  # type: ignore[misc]
    """The driver's protocol handler, which tells the node that a prepared statement's columns are known."""

    @classmethod
    def encode_message(cls, msg: Any, stream_id: int, protocol_version: int, compressor: Any,
                       allow_beta_protocol_version: bool) -> bytes:
        """Encode a frame."""
        frame: bytes = super().encode_message(msg, stream_id, protocol_version, compressor, allow_beta_protocol_version)
        knows = isinstance(msg, ExecuteMessage) and msg.skip_meta and msg.result_metadata_id
        if not knows or compressor or not ProtocolVersion.uses_prepared_metadata(protocol_version):
            return frame
        # The flags follow both ids, each with its length, and the consistency: four bytes, this one in the last.
        at = _HEADER + 2 + len(msg.query_id) + 2 + len(msg.result_metadata_id) + 2 + 3
        return b"%b%c%b" % (frame[:at], frame[at] | _SKIP_METADATA, frame[at + 1:])
