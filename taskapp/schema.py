"""The schema of this release: all tables and migrations, under one number.

Whoever changes a model or adds a migration raises ``VERSION`` and writes the new fingerprint beside it; a test holds
the pair, so that two releases with different tables never have the same number.
"""

from functools import cache

from taskapp.cassandra.idempotency import IdempotencyKeys
from taskapp.cassandra.migrations import load
from taskapp.cassandra.progress import Progress
from taskapp.cassandra.rates import Used
from taskapp.cassandra.schema import Schema
from taskapp.cassandra.secrets import Secret
from taskapp.features import MODELS
from taskapp.writepath.intents import Note
from taskapp.writepath.sweeper import Sweep

VERSION = 5
FINGERPRINT = "c5748fe4e5c15b7cebc8027ab1870cb9"


@cache
def current() -> Schema:
    """Return the schema that this release needs."""
    return Schema(VERSION, (Note, Sweep, Secret, IdempotencyKeys, Used, Progress, *MODELS), load())
