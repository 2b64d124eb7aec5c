"""How far a long job came, so that it goes on there when it is begun again."""

from cassandra.cqlengine import columns

from taskapp.cassandra import stamps
from taskapp.cassandra.model import Table
from taskapp.cassandra.statement import Statement


class RepairProgress(Table):
    """Up to which token did a job come? One row a job, while it is unfinished."""

    __table_name__ = "repair_progress"
    job = columns.Text(partition_key=True)
    position = columns.BigInt()
    counts = columns.Text()


_GET = Statement("progress.get", "SELECT position, counts FROM $ks.repair_progress WHERE job = :job")
_WRITTEN = Statement("progress.written", "SELECT WRITETIME(position) FROM $ks.repair_progress WHERE job = :job")
# One process runs a job; one that goes on with it may have a clock behind (`stamps.py`).
_SET = Statement("progress.set", "INSERT INTO $ks.repair_progress (job, position, counts) VALUES (:job, :position, "
                 ":counts) USING TIMESTAMP :timestamp")
_END = Statement("progress.end", "DELETE FROM $ks.repair_progress USING TIMESTAMP :timestamp WHERE job = :job")


def get(job: str) -> tuple[int, str] | None:
    """Tell the token a job came to, and what it had counted; None at the beginning."""
    rows = _GET.run(job=job)
    return (rows[0][0], rows[0][1]) if rows and rows[0][0] is not None else None


def set_(job: str, token: int, counts: str) -> None:
    """Remember how far a job came."""
    _SET.run(job=job, position=token, counts=counts, timestamp=stamps.after(_WRITTEN, job=job))


def end(job: str) -> None:
    """Forget a job that is done."""
    _END.run(job=job, timestamp=stamps.after(_WRITTEN, job=job))
