"""The error raised when the local node fails."""


class NodeError(Exception):
    """The local node is unavailable; ``str()`` is one line for the user, ``tail`` the last lines of a log."""

    def __init__(self, line: str, tail: str = "") -> None:
        super().__init__(" ".join(line.split()))
        self.tail = tail
