"""Show the user the progress of slow operations."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

# Takes one line for the user.
Say = Callable[[str], None]
# Takes the number of bytes that have arrived.
Advance = Callable[[int], None]


def silent(_line: str) -> None:
    """Say nothing."""


def bars(*columns: Any) -> Any:
    """Make progress bars on standard error, removed at the end; none unless it is a terminal."""
    from rich.console import Console
    from rich.progress import Progress

    console = Console(stderr=True)
    return Progress(*columns, console=console, transient=True, disable=not console.is_terminal)


@contextmanager
def download_bar(total: int) -> Iterator[Advance]:
    """Show one progress bar of ``total`` bytes."""
    from rich.progress import BarColumn, DownloadColumn, TransferSpeedColumn

    with bars(BarColumn(), DownloadColumn(), TransferSpeedColumn()) as progress:
        task = progress.add_task("", total=total)
        yield lambda count: progress.advance(task, count)
