"""The object mapper: tables declared once with types, queries in cqlengine's syntax, rows that are typed objects.

    class User(Table):
        \"\"\"Who is this user?\"\"\"

        __table_name__ = "users"
        id: Column[uuid.UUID] = columns.UUID(partition_key=True)
        name: Column[str] = columns.Text()
        age: Column[int | None] = columns.Integer()

    GET = Select("users.get", User.objects.filter(User.id == bind("id")))
    CREATE = Insert("users.create", User, if_not_exists=True)

    user = GET.one(id=id)                # User | None; user.age is int | None, user.nmae is no attribute
    older = user.replace(age=user.age + 1)
    CREATE.applied(older)                # False: the id was taken

A query is rendered to CQL when its module is imported, and prepared once per process; `tests/unit/statements.cql` lists
all of them as text. ``UNSET`` for a column leaves it unchanged.
"""

from cassandra.query import UNSET_VALUE as UNSET
from cassandra.query import BoundStatement

from taskapp.cassandra.mapper.cqlengine import columns_of, create_text, partition_key, primary_key
from taskapp.cassandra.mapper.queries import Delete, Insert, Select, Update, add, subtract
from taskapp.cassandra.mapper.table import FrozenList, FrozenMap, FrozenSet, Table, is_empty, names
from taskapp.cassandra.mapper.terms import (
    as_text,
    bind,
    from_now,
    keys,
    markers,
    max_timeuuid,
    min_timeuuid,
    remaining,
    token,
    written,
)
from taskapp.cassandra.mapper.typing import Column

__all__ = ["UNSET", "BoundStatement", "Column", "Delete", "FrozenList", "FrozenMap", "FrozenSet", "Insert", "Select",
           "Table", "Update", "add", "as_text", "bind", "columns_of", "create_text", "from_now", "is_empty", "keys",
           "markers", "max_timeuuid", "min_timeuuid", "names", "partition_key", "primary_key", "remaining", "subtract",
           "token", "written"]
