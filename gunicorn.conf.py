"""gunicorn: the master makes the tables match; each worker connects for itself after the fork."""

import os
import shutil
import sys
import tempfile

from taskapp.settings import BadSettings, Settings

try:
    settings = Settings.from_env()
except BadSettings as error:
    sys.exit(f"taskapp: {error}")

bind = settings.address
worker_class = "taskapp.http.worker.Worker"
workers = settings.workers
threads = settings.threads
graceful_timeout = settings.graceful_timeout
timeout = 60
keepalive = 75
# Each needs a file descriptor, and many systems allow 1,024; at this limit, the oldest idle one is closed.
worker_connections = 512
backlog = 512
max_requests = 0
limit_request_line = 8190
# No header may tell the application where it is mounted.
forwarder_headers = ""
accesslog = None
errorlog = "-"
logger_class = "taskapp.http.logs.GunicornLogger"
loglevel = "warning"
# Nothing is loaded before the fork: the driver's threads would not survive it.
preload_app = False
control_socket_disable = True

# Set before prometheus_client is imported, so that the workers count into files that any of them can sum.
# A reload reads this file again and finds the folder in the environment.
_metrics = os.environ.get("PROMETHEUS_MULTIPROC_DIR") or tempfile.mkdtemp(prefix="taskapp-metrics-")
os.environ["PROMETHEUS_MULTIPROC_DIR"] = _metrics


def on_starting(server):
    """Bring the schema up to date, once for all workers, then close the connection."""
    from taskapp import boot
    from taskapp.http import logs

    logs.configure(settings)
    boot.prepare(settings)


def post_worker_init(worker):
    """Connect and start sweeping."""
    from taskapp import boot

    worker.max_body = settings.max_body_bytes
    worker.taskapp = boot.Worker(settings)
    worker.taskapp.begin()


def worker_exit(server, worker):
    """Stop sweeping and close the connection."""
    if hasattr(worker, "taskapp"):
        worker.taskapp.end()


def child_exit(server, worker):
    """Forget the gauges and connections of a worker that has exited."""
    from prometheus_client import multiprocess

    from taskapp.http.worker import held

    multiprocess.mark_process_dead(worker.pid)
    held.forget(worker.age)


def on_exit(server):
    """Remove the metrics of this run."""
    shutil.rmtree(_metrics, ignore_errors=True)
