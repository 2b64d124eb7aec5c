"""Everything that knows the driver: connection, statements, conditional batches, projections, schema, leases."""
