"""How far a long job got, so that it resumes there when it is started again."""

from cassandra.cqlengine import columns

from taskapp.cassandra.mapper import Column, Delete, Insert, Select, Table, bind, stamps, written


class Progress(Table):
    """Which token has this job reached? One row per unfinished job, written by one process at a time."""

    __table_name__ = "repair_progress"
    job: Column[str] = columns.Text(partition_key=True)
    position: Column[int | None] = columns.BigInt()
    counts: Column[str] = columns.Text()


_JOB = Progress.objects.filter(Progress.job == bind("job"))
_GET = Select("progress.get", _JOB)
_WRITTEN = Select("progress.written", _JOB, plus=written(Progress.position))
# One process runs a job; one that resumes it may have a clock that is behind (`stamps.py`).
_SET = Insert("progress.set", Progress, timestamp=bind("timestamp"))
_END = Delete("progress.end", _JOB.timestamp(bind("timestamp")))


def get(job: str) -> tuple[int, str] | None:
    """Return the token a job has reached, and what it has counted; None at the beginning."""
    found = _GET.one(job=job)
    return (found.position, found.counts) if found and found.position is not None else None


def set_(job: str, token: int, counts: str) -> None:
    """Remember how far a job got."""
    _SET.run(job=job, position=token, counts=counts, timestamp=stamps.after(_WRITTEN, job=job))


def end(job: str) -> None:
    """Forget a finished job."""
    _END.run(job=job, timestamp=stamps.after(_WRITTEN, job=job))
