"""Everything that knows the driver: the way to a cluster, its session, the mapper, coordination, the schema."""
