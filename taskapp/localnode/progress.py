"""Tell a person what takes long."""

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager

# Takes one line for the user.
Say = Callable[[str], None]
# Takes the number of bytes that have come.
Advance = Callable[[int], None]


def silent(_line: str) -> None:
    """Say nothing."""


@contextmanager
def download_bar(total: int) -> Iterator[Advance]:
    """Show one bar of ``total`` bytes on a terminal, and nothing elsewhere."""
    if not sys.stderr.isatty():
        yield lambda _count: None
        return
    from rich.console import Console
    from rich.progress import BarColumn, DownloadColumn, Progress, TransferSpeedColumn
    columns = (BarColumn(), DownloadColumn(), TransferSpeedColumn())
    with Progress(*columns, console=Console(stderr=True), transient=True) as progress:
        task = progress.add_task("", total=total)
        yield lambda count: progress.advance(task, count)
