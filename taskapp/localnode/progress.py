"""Tell a person what takes long."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

# Takes one line for the user.
Say = Callable[[str], None]
# Takes the number of bytes that have come.
Advance = Callable[[int], None]


def silent(_line: str) -> None:
    """Say nothing."""


def bars(*columns: Any) -> Any:
    """Make bars on standard error, which are gone at the end; where nobody looks there are none."""
    from rich.console import Console
    from rich.progress import Progress

    console = Console(stderr=True)
    return Progress(*columns, console=console, transient=True, disable=not console.is_terminal)


@contextmanager
def download_bar(total: int) -> Iterator[Advance]:
    """Show one bar of ``total`` bytes."""
    from rich.progress import BarColumn, DownloadColumn, TransferSpeedColumn

    with bars(BarColumn(), DownloadColumn(), TransferSpeedColumn()) as progress:
        task = progress.add_task("", total=total)
        yield lambda count: progress.advance(task, count)
