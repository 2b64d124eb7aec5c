"""The schema of this release: all tables and migrations, under one number.

Whoever changes a model or adds a migration raises ``VERSION`` and writes the new fingerprint beside it; a test holds
the pair, so that two releases with different tables never have the same number.
"""

from functools import cache

from taskapp.cassandra.idempotency import IdempotencyKeys
from taskapp.cassandra.intents import Intents
from taskapp.cassandra.migrations import load
from taskapp.cassandra.progress import Progress
from taskapp.cassandra.rates import Used
from taskapp.cassandra.schema import Schema
from taskapp.cassandra.secrets import Secret
from taskapp.cassandra.sweeper import Sweep
from taskapp.features import MODELS

VERSION = 5
FINGERPRINT = "6db1ceca6dfa90263803caacbcba40c6"


@cache
def current() -> Schema:
    """Return the schema that this release needs."""
    return Schema(VERSION, (Intents, Sweep, Secret, IdempotencyKeys, Used, Progress, *MODELS), load())
