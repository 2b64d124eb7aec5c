"""The order in which Cassandra sorts a column of type ``uuid``."""

import uuid


def uuid_key(value: uuid.UUID) -> tuple[int, int, int]:
    """Make a key that sorts as Cassandra's UUIDType does: by version, then time for version 1, else by the bytes.

    The rule is that of `org.apache.cassandra.db.marshal.UUIDType.compareCustom`; a test checks it against a node.
    """
    version = value.int >> 76 & 0xF
    if version == 1:
        # The low half is compared byte by byte, signed.
        low = (value.int & (1 << 64) - 1) ^ 0x8080808080808080
        return version, value.time, low
    return version, 0, value.int
