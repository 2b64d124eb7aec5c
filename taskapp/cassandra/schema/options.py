"""Table options that Astra accepts: it chooses the others itself, and warns about each one sent."""

from cassandra.cqlengine.models import _clone_model_class

from taskapp.cassandra.mapper import Table

# "Ignoring provided values … not supported for Table Properties" (docs.datastax.com, CQL for Astra DB, limitations).
# cqlengine would find that they differ in every table, and ALTER each of them in vain at every sync.
ASTRA_CHOOSES = frozenset({
    "additional_write_policy", "bloom_filter_fp_chance", "caching", "cdc", "compaction", "compression",
    "crc_check_chance", "gc_grace_seconds", "id", "max_index_interval", "memtable", "memtable_flush_period_in_ms",
    "min_index_interval", "nodesync", "read_repair", "speculative_retry"})


def for_astra(model: type[Table]) -> type[Table]:
    """Return the same table without the options that Astra chooses."""
    clone: type[Table] = _clone_model_class(model, {})
    clone.__options__ = {name: value for name, value in (model.__options__ or {}).items() if name not in ASTRA_CHOOSES}
    return clone
