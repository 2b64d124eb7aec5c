"""The tables of tokens."""

import uuid
from datetime import datetime
from typing import Any

from cassandra.cqlengine import columns
from cassandra.cqlengine.usertype import UserType

from taskapp.cassandra.mapper import Column, FrozenSet, Table


class TokenUse(UserType):
    """When and from where a token was last used: one cell, so that both belong to the same use."""

    __type_name__ = "token_use"
    at = columns.DateTime()
    address = columns.Text()


class TokenByHash(Table):
    """Whose is this token, and what is it for? One row per token, keyed by its SHA-256; the token itself is not stored.

    Rows of tokens that expire are removed by TTL, a minute later.
    """

    __table_name__ = "tokens"
    __secret__ = ("token_hash",)
    token_hash: Column[bytes] = columns.Blob(partition_key=True)
    token_id: Column[uuid.UUID] = columns.UUID()
    user_id: Column[uuid.UUID] = columns.UUID()
    scopes: Column[frozenset[str]] = FrozenSet(columns.Text)
    expires_at: Column[datetime | None] = columns.DateTime()
    epoch: Column[uuid.UUID | None] = columns.UUID()


class Token(Table):
    """Which tokens does a user have? One partition per user; rows expire like those of ``tokens``.

    A revoked token leaves the id of the operation that revoked it for a day, in case that is sent again.
    """

    __table_name__ = "tokens_by_user"
    __secret__ = ("token_hash",)
    user_id: Column[uuid.UUID] = columns.UUID(partition_key=True)
    token_id: Column[uuid.UUID] = columns.UUID(primary_key=True)
    token_hash: Column[bytes] = columns.Blob()
    name: Column[str | None] = columns.Text()
    scopes: Column[frozenset[str]] = FrozenSet(columns.Text)
    created_at: Column[datetime] = columns.DateTime()
    expires_at: Column[datetime | None] = columns.DateTime()
    last_use: Column[Any] = columns.UserDefinedType(TokenUse)
    epoch: Column[uuid.UUID | None] = columns.UUID()
    revoked_by: Column[uuid.UUID | None] = columns.UUID()

    @property
    def is_whole(self) -> bool:
        """Whether this is a token, rather than what a revocation left, or a use that was noted meanwhile."""
        return self.created_at is not None

    @property
    def last_used_at(self) -> datetime | None:
        """When it was last used."""
        return self.last_use and self.last_use.at  # type: ignore[no-any-return]

    @property
    def last_used_from(self) -> str | None:
        """The address from which it was last used."""
        return self.last_use and self.last_use.address  # type: ignore[no-any-return]


MODELS = (TokenByHash, Token)
