"""The driver's connection to a node, except for how it handles a refused login and how much it sends at once."""

from cassandra import AuthenticationFailed
from cassandra.connection import ConnectionException
from cassandra.io.libevreactor import LibevConnection


class LoginRefused(ConnectionException):
    """A node rejects the role or its password, or cannot read its roles at the moment."""


class NodeConnection(LibevConnection):
    """A connection that treats a refused login like any other error.

    The driver never retries a node that refused a login (`cassandra/pool.py`, on_exception): one that could not read
    its roles for a moment would be lost to a worker until the worker restarts.
    """

    # Bytes to send at once. With the driver's 4,096, a task with a long description, which is written to four tables,
    # takes fifteen system calls, each of which hands over the interpreter. (Receiving more at once gave nothing.)
    out_buffer_size = 65_536

    def defunct(self, exc: Exception) -> None:
        """Fail with an error after which the driver reconnects."""
        super().defunct(LoginRefused(str(exc), self.endpoint) if isinstance(exc, AuthenticationFailed) else exc)
