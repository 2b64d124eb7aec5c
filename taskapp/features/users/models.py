"""The tables of users."""

import uuid
from datetime import datetime

from cassandra.cqlengine import columns

from taskapp.cassandra.mapper import Column, FrozenList, Table


class User(Table):
    """Who is this user? The source of truth: one partition per user, some hundred bytes.

    All writes are conditional. A removed user keeps only ``id``, ``removed_at``, ``version`` and ``changes``, so that
    whatever still refers to it finds out. A new password starts a new ``epoch``: tokens of any other have ended, except
    ``kept_token``. ``changes`` are the ids of the last changes, newest first: they show whether a change whose answer
    was lost was stored. A disabled user cannot log in.
    """

    __table_name__ = "users"
    __secret__ = ("password",)
    id: Column[uuid.UUID] = columns.UUID(partition_key=True)
    name: Column[str] = columns.Text()
    email: Column[str] = columns.Text()
    password: Column[str] = columns.Text()
    admin: Column[bool] = columns.Boolean()
    disabled: Column[bool] = columns.Boolean()
    age: Column[int | None] = columns.Integer()
    tags: Column[frozenset[str]] = columns.Set(columns.Text)
    metadata: Column[dict[str, str]] = columns.Map(columns.Text, columns.Text)
    created_at: Column[datetime] = columns.DateTime()
    removed_at: Column[datetime | None] = columns.DateTime()
    version: Column[int] = columns.Integer()
    epoch: Column[uuid.UUID | None] = columns.UUID()
    kept_token: Column[uuid.UUID | None] = columns.UUID()
    changes: Column[tuple[uuid.UUID, ...]] = FrozenList(columns.UUID)


class EmailClaim(Table):
    """Whose is this e-mail address? A claim on it, one per key (`kit/email.py`), made by a conditional insert.

    ``claim`` changes whenever the claim is renewed, so that one its owner is still using cannot be taken over.
    """

    __table_name__ = "users_by_email"
    email_key: Column[str] = columns.Text(partition_key=True)
    user_id: Column[uuid.UUID] = columns.UUID()
    claim: Column[uuid.UUID] = columns.UUID()
    claimed_at: Column[datetime] = columns.DateTime()


MODELS = (User, EmailClaim)
