"""A process that ends with the one that started it, also when that one is killed."""

import multiprocessing
import os
import threading


def end_with_parent() -> None:
    """Watch the parent, beside what this process does; once it is gone, end at once."""
    threading.Thread(target=_wait, name="parent", daemon=True).start()


def _wait() -> None:
    parent = multiprocessing.parent_process()
    if parent is not None:
        parent.join()
        os._exit(1)
