"""How far a long job came, so that it goes on there when it is begun again."""

from cassandra.cqlengine import columns

from taskapp.cassandra.model import Table
from taskapp.cassandra.statement import Statement


class RepairProgress(Table):
    """Up to which token did a job come? One row a job, while it is unfinished."""

    __table_name__ = "repair_progress"
    job = columns.Text(partition_key=True)
    position = columns.BigInt()
    counts = columns.Text()


_GET = Statement("progress.get", "SELECT position, counts FROM $ks.repair_progress WHERE job = :job")
_SET = Statement("progress.set", "INSERT INTO $ks.repair_progress (job, position, counts) VALUES (:job, :position, "
                 ":counts)")
_END = Statement("progress.end", "DELETE FROM $ks.repair_progress WHERE job = :job")


def get(job: str) -> tuple[int, str] | None:
    """Tell the token a job came to, and what it had counted; None at the beginning."""
    rows = _GET.run(job=job)
    return (rows[0][0], rows[0][1]) if rows and rows[0][0] is not None else None


def set_(job: str, token: int, counts: str) -> None:
    """Remember how far a job came."""
    _SET.run(job=job, position=token, counts=counts)


def end(job: str) -> None:
    """Forget a job that is done."""
    _END.run(job=job)
