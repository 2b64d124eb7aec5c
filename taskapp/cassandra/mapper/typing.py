"""What a type checker knows about tables: a column is a term in a query, and a value in a row. None of it is run."""

from typing import Any, ClassVar, Generic, NoReturn, Protocol, Self, TypeVar, overload

T = TypeVar("T")
R = TypeVar("R")
R_co = TypeVar("R_co", covariant=True)


class Term(Generic[T]):
    """A column in a query: compared with a marker, it makes a clause."""

    def __eq__(self, other: object) -> Any: ...
    def __lt__(self, other: object) -> Any: ...
    def __le__(self, other: object) -> Any: ...
    def __gt__(self, other: object) -> Any: ...
    def __ge__(self, other: object) -> Any: ...
    def in_(self, other: object) -> Any: ...
    def contains_(self, other: object) -> Any: ...


class Column(Generic[T]):
    """The type of a column: a term on the table, a value on a row."""

    @overload
    def __get__(self, row: None, owner: type) -> Term[T]: ...
    @overload
    def __get__(self, row: object, owner: type) -> T: ...
    def __get__(self, row: object, owner: type) -> Any: ...

    def __set__(self, row: object, value: NoReturn) -> None:
        """Refuse: rows are immutable."""


class QuerySet(Protocol[R_co]):
    """The part of cqlengine's querysets that is used, for one table."""

    def filter(self, *clauses: Any, **equals: Any) -> "QuerySet[R_co]": ...
    def iff(self, **equals: Any) -> "QuerySet[R_co]": ...
    def if_exists(self) -> "QuerySet[R_co]": ...
    def order_by(self, *columns: str) -> "QuerySet[R_co]": ...
    def limit(self, number: Any) -> "QuerySet[R_co]": ...
    def allow_filtering(self) -> "QuerySet[R_co]": ...
    def distinct(self, columns: Any = None) -> "QuerySet[R_co]": ...
    def ttl(self, seconds: Any) -> "QuerySet[R_co]": ...
    def timestamp(self, micros: Any) -> "QuerySet[R_co]": ...


class Objects(Protocol):
    """``Table.objects``."""

    def __get__(self, row: object, owner: type[R]) -> QuerySet[R]: ...


class Model:
    """The part of cqlengine's models that is used, and what rows can do."""

    __table_name__: ClassVar[str]
    __options__: ClassVar[dict[str, Any] | None]
    _columns: ClassVar[dict[str, Any]]
    _primary_keys: ClassVar[dict[str, Any]]
    _partition_keys: ClassVar[dict[str, Any]]
    objects: Objects

    def __init__(self, **values: Any) -> None: ...

    def replace(self, **values: Any) -> Self:
        """Return a copy of the row with other values."""
        raise NotImplementedError

    def as_dict(self) -> dict[str, Any]:
        """Return the columns by name."""
        raise NotImplementedError
