"""The compiled dumps of users, tokens and events say what `schema.dump` says, for any row."""

from collections.abc import Callable
from typing import Any

import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st

from taskapp.cassandra.mapper import Table
from taskapp.features.activity import views as activity
from taskapp.features.activity.models import Event
from taskapp.features.activity.schemas import EventSchema
from taskapp.features.tokens import views as tokens
from taskapp.features.tokens.models import Token, TokenUse
from taskapp.features.tokens.schemas import TokenSchema
from taskapp.features.users import views as users
from taskapp.features.users.models import User
from taskapp.features.users.schemas import UserSchema
from tests.fixtures.task_strategies import TIMES

TEXTS, IDS, TIME_IDS = st.text(), st.uuids(), st.uuids(version=1)
USERS = st.builds(User, id=IDS, name=TEXTS, email=TEXTS, age=st.none() | st.integers(0, 150),
                  tags=st.frozensets(TEXTS), metadata=st.dictionaries(TEXTS, TEXTS), created_at=TIMES)
TOKENS = st.builds(Token, token_id=IDS, name=st.none() | TEXTS, scopes=st.frozensets(TEXTS), created_at=TIMES,
                   expires_at=st.none() | TIMES, last_use=st.none() | st.builds(TokenUse, at=TIMES, address=TEXTS))
EVENTS = st.builds(Event, event_id=TIME_IDS, kind=TEXTS, task_id=IDS, version=st.integers(1, 2**31 - 1))


def same(compiled: Callable[[Any], dict[str, Any]], dumped: dict[str, Any], row: Table) -> None:
    found = compiled(row)
    assert orjson.loads(orjson.dumps(found)) == orjson.loads(orjson.dumps(dumped))
    assert list(found) == list(dumped)


@given(USERS, TOKENS, EVENTS)
def test_rows(user: User, token: Token, event: Event) -> None:
    same(users._dump, UserSchema().dump(user), user)
    same(tokens._dump, TokenSchema().dump(token), token)
    same(activity._dump, EventSchema().dump(event), event)


@given(USERS)
def test_control_a_member_less_is_seen(user: User) -> None:
    with pytest.raises(AssertionError):
        same(users._dump, UserSchema(exclude=["age"]).dump(user), user)
