"""Names of the mapper for the features that are still to be converted to it."""

from taskapp.cassandra.mapper.table import FrozenList, FrozenMap, FrozenSet, Table
from taskapp.cassandra.mapper.table import names as column_names

__all__ = ["FrozenList", "FrozenMap", "FrozenSet", "Table", "column_names"]
