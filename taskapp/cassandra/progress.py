"""How far a long job came, so that it goes on there when it is begun again."""

from cassandra.cqlengine import columns

from taskapp.cassandra import stamps
from taskapp.cassandra.mapper import Column, Delete, Insert, Select, Table, bind, written


class Progress(Table):
    """Up to which token did a job come? One row a job, while it is unfinished; one process at a time writes it."""

    __table_name__ = "repair_progress"
    job: Column[str] = columns.Text(partition_key=True)
    position: Column[int | None] = columns.BigInt()
    counts: Column[str] = columns.Text()


_JOB = Progress.objects.filter(Progress.job == bind("job"))
_GET = Select("progress.get", _JOB)
_WRITTEN = Select("progress.written", _JOB, plus=written(Progress.position))
# One process runs a job; one that goes on with it may have a clock behind (`stamps.py`).
_SET = Insert("progress.set", Progress, timestamp=bind("timestamp"))
_END = Delete("progress.end", _JOB.timestamp(bind("timestamp")))


def get(job: str) -> tuple[int, str] | None:
    """Tell the token a job came to, and what it had counted; None at the beginning."""
    found = _GET.one(job=job)
    return (found.position, found.counts) if found and found.position is not None else None


def set_(job: str, token: int, counts: str) -> None:
    """Remember how far a job came."""
    _SET.run(job=job, position=token, counts=counts, timestamp=stamps.after(_WRITTEN, job=job))


def end(job: str) -> None:
    """Forget a job that is done."""
    _END.run(job=job, timestamp=stamps.after(_WRITTEN, job=job))
