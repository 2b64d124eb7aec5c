"""Tables: cqlengine models with typed columns, and the immutable rows read from them."""

from collections import namedtuple
from collections.abc import Callable
from types import FunctionType
from typing import TYPE_CHECKING, Any, ClassVar, Self

from cassandra.cqlengine import columns

from taskapp.cassandra.mapper.cqlengine import columns_of

if TYPE_CHECKING:
    from taskapp.cassandra.mapper.typing import Model
else:
    from cassandra.cqlengine.models import Model

# A coordinator asks another replica when one is slow. The default, 99p, is measured, and a hung node drags it up until
# no other is asked in its place (CASSANDRA-14293, which introduced this form).
OPTIONS = {"speculative_retry": "MIN(99p,50ms)"}
_COLLECTIONS = (frozenset, dict, tuple)


class Table(Model):
    """A table of the service; a subclass says in its docstring which question it answers.

    An abstract one is a part that several tables share, or the columns that a query reads. Calling either makes a row:
    ``User(id=…, name=…)``; columns that are not given are null, or empty.
    """

    __abstract__ = True
    # Columns whose values no text about a row may show.
    __secret__: ClassVar[tuple[str, ...]] = ()

    def __new__(cls, **values: Any) -> Self:
        """Make a row."""
        row: Self = row_type(cls).of(values)
        return row

    def __init_subclass__(cls) -> None:
        """Add the options that all tables have."""
        super().__init_subclass__()
        # Not to a clone, which cqlengine makes for each keyspace: it has its table's.
        if "__table_name__" in cls.__dict__:
            cls.__options__ = {**OPTIONS, **(cls.__options__ or {})}


class _Row:
    """What rows of all tables can do; each is also a tuple of its columns."""

    __slots__ = ()
    # Columns that are not shown, and what makes the value of a column that is not given, if it is not null then.
    _secret: frozenset[str]
    _empty: dict[str, Callable[[], Any]]

    if TYPE_CHECKING:
        _fields: tuple[str, ...]
        _field_defaults: dict[str, Any]

        def _asdict(self) -> dict[str, Any]: ...

    @classmethod
    def of(cls, values: dict[str, Any]) -> Any:
        """Make a row from some columns; the others are null, or empty."""
        return cls(**{**{name: make() for name, make in cls._empty.items()}, **values})

    def as_dict(self) -> dict[str, Any]:
        """Return the columns by name."""
        return self._asdict()

    def __repr__(self) -> str:
        shown = (f"{name}=…" if name in self._secret else f"{name}={value!r}" for name, value in self._asdict().items())
        return f"{type(self).__name__}({', '.join(shown)})"


def _row_type(table: type[Table]) -> Any:
    """Make the class of a table's rows: immutable, with its columns, and the methods and properties of the table."""
    found = list(columns_of(table))
    base: Any = namedtuple(table.__name__, found, defaults=[None] * len(found))  # type: ignore[misc]
    own = {name: value for each in reversed(table.__mro__) if issubclass(each, Table) and each is not Table
           for name, value in vars(each).items()
           if isinstance(value, property | FunctionType) and not name.startswith("__")}
    empty = {name: make for name, column in columns_of(table).items() if (make := empty_of(column))}
    return type(table.__name__, (_Row, base), {
        "__slots__": (), "__doc__": table.__doc__, "replace": base._replace, "_empty": empty,
        "_secret": frozenset(table.__secret__), **own})


_row_types: dict[type, Any] = {}


def row_type(table: type[Table]) -> Any:
    """Return the class of a table's rows."""
    if table not in _row_types:
        _row_types[table] = _row_type(table)
    return _row_types[table]


def empty_of(column: columns.Column) -> Callable[[], Any] | None:
    """Return what makes the value that null stands for: an empty collection, or false; None for other columns."""
    kinds = ((columns.Map, dict), (columns.Set, frozenset), (columns.List, tuple), (columns.Boolean, bool))
    return next((empty for kind, empty in kinds if isinstance(column, kind)), None)


def is_empty(value: Any) -> bool:
    """Return whether the database would keep nothing for a value: null, or an empty collection."""
    return value is None or (not value and isinstance(value, _COLLECTIONS))


def names(table: type[Table], *, keys: bool = True) -> list[str]:
    """List a table's columns in order of declaration, without its primary key if ``keys`` is false."""
    return [name for name, column in columns_of(table).items() if keys or not column.primary_key]


class FrozenSet(columns.Set):
    """A set kept as one cell: read whole, written whole, without tombstones. Nothing can look inside it."""

    def __init__(self, value_type: type[columns.Column], **given: Any) -> None:
        super().__init__(value_type, **given)
        self._freeze_db_type()


class FrozenList(columns.List):
    """A list kept as one cell, like ``FrozenSet``."""

    def __init__(self, value_type: type[columns.Column], **given: Any) -> None:
        super().__init__(value_type, **given)
        self._freeze_db_type()


class FrozenMap(columns.Map):
    """A map kept as one cell, like ``FrozenSet``."""

    def __init__(self, key_type: type[columns.Column], value_type: type[columns.Column], **given: Any) -> None:
        super().__init__(key_type, value_type, **given)
        self._freeze_db_type()
