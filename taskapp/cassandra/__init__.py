"""Everything that knows the driver: how a cluster is reached, its session, the mapper, coordination, the schema."""
