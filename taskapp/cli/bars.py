"""How far a long command is, for a person who waits."""

from rich.console import Console
from rich.progress import Progress


def bars() -> Progress:
    """Make bars on standard error, which are gone at the end; where nobody looks there are none."""
    console = Console(stderr=True)
    return Progress(console=console, transient=True, disable=not console.is_terminal)
