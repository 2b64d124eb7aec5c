"""The tables of tokens."""

from cassandra.cqlengine import columns
from cassandra.cqlengine.usertype import UserType

from taskapp.cassandra.model import FrozenSet, Table


class TokenUse(UserType):
    """When and from where a token was used last: one cell, so that both are of the same use."""

    __type_name__ = "token_use"
    at = columns.DateTime()
    address = columns.Text()


class Tokens(Table):
    """Whose is this token, and what is it for? A row a token, found by its SHA-256; the token itself is not kept.

    Rows of tokens that expire do so by TTL, a minute later.
    """

    __table_name__ = "tokens"
    token_hash = columns.Blob(partition_key=True)
    token_id = columns.UUID()
    user_id = columns.UUID()
    scopes = FrozenSet(columns.Text)
    expires_at = columns.DateTime()
    epoch = columns.UUID()


class TokensByUser(Table):
    """Which tokens does a user have? A partition a user; rows expire as those of ``tokens``.

    Of one that was revoked there remains for a day by which operation, for when that is sent again.
    """

    __table_name__ = "tokens_by_user"
    user_id = columns.UUID(partition_key=True)
    token_id = columns.UUID(primary_key=True)
    token_hash = columns.Blob()
    name = columns.Text()
    scopes = FrozenSet(columns.Text)
    created_at = columns.DateTime()
    expires_at = columns.DateTime()
    last_use = columns.UserDefinedType(TokenUse)
    epoch = columns.UUID()
    revoked_by = columns.UUID()


MODELS = (Tokens, TokensByUser)
