"""A process that ends with its parent, even when the parent is killed."""

import multiprocessing
import os
import threading


def end_with_parent() -> None:
    """Watch the parent from a background thread; once it is gone, exit at once."""
    threading.Thread(target=_wait, name="parent", daemon=True).start()


def _wait() -> None:
    parent = multiprocessing.parent_process()
    if parent is not None:
        parent.join()
        os._exit(1)
