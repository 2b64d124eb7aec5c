"""Values and rules without Flask or Cassandra."""
