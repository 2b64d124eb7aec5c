"""A connection to a node, as the driver makes them, but for what it does about a refused login."""

from cassandra import AuthenticationFailed
from cassandra.connection import ConnectionException
from cassandra.io.libevreactor import LibevConnection


class LoginRefused(ConnectionException):
    """A node does not accept the role or its password, or cannot read its roles at the moment."""


class NodeConnection(LibevConnection):
    """A connection for which a refused login is an error as others are.

    The driver never tries a node again that refused a login (`cassandra/pool.py`, on_exception): one that could not
    read its roles for a moment would be lost to a worker until it starts anew.
    """

    # Bytes to send at once. With the driver's 4,096, a task with a long description, which is written to four tables,
    # takes fifteen system calls, each of which hands over the interpreter. (Receiving more at once gave nothing.)
    out_buffer_size = 65_536

    def defunct(self, exc: Exception) -> None:
        """End with an error, for which the driver tries again."""
        super().defunct(LoginRefused(str(exc), self.endpoint) if isinstance(exc, AuthenticationFailed) else exc)
