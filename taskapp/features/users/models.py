"""The tables of users."""

from cassandra.cqlengine import columns

from taskapp.cassandra.model import FrozenList, Table


class Users(Table):
    """Who is this user? The truth: a partition a user, some hundred bytes.

    All writes are conditional. A user that was removed leaves ``id`` and ``removed_at``, so that whatever still names
    it finds out. A new password begins a new ``epoch``: tokens of another one have ended, but for ``kept_token``.
    ``changes`` are the ids of the last changes, newest first: who lost an answer looks there for what became of it.
    """

    __table_name__ = "users"
    id = columns.UUID(partition_key=True)
    name = columns.Text()
    email = columns.Text()
    password = columns.Text()
    admin = columns.Boolean()
    age = columns.Integer()
    tags = columns.Set(columns.Text)
    metadata = columns.Map(columns.Text, columns.Text)
    created_at = columns.DateTime()
    removed_at = columns.DateTime()
    version = columns.Integer()
    epoch = columns.UUID()
    kept_token = columns.UUID()
    changes = FrozenList(columns.UUID)


class UsersByEmail(Table):
    """Whose is this e-mail address? A claim on it, one for each key (`kit/email.py`), made by a conditional insert.

    ``claim`` changes whenever the claim is made anew, so that one its owner still works with cannot be taken over.
    """

    __table_name__ = "users_by_email"
    email_key = columns.Text(partition_key=True)
    user_id = columns.UUID()
    claim = columns.UUID()
    claimed_at = columns.DateTime()


MODELS = (Users, UsersByEmail)
