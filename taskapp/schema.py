"""The schema of this release: all tables and migrations, under one version number.

When you change a model or add a migration, raise ``VERSION`` and update ``FINGERPRINT``; a test checks the pair, so
that two releases with different tables never have the same number.
"""

from functools import cache

from taskapp.cassandra.coordination.idempotency import Record
from taskapp.cassandra.coordination.progress import Progress
from taskapp.cassandra.coordination.rates import Used
from taskapp.cassandra.coordination.secrets import Secret
from taskapp.cassandra.schema.migrations import load
from taskapp.cassandra.schema.sync import Schema
from taskapp.features import MODELS
from taskapp.writepath.intents import Note
from taskapp.writepath.sweeper import Sweep

VERSION = 6
FINGERPRINT = "92ef42c3f33dbae206ee94a0d2882cbf"


@cache
def current() -> Schema:
    """Return the schema that this release needs."""
    return Schema(VERSION, (Note, Sweep, Secret, Record, Used, Progress, *MODELS), load())
