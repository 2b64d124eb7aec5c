"""What processes agree on through the database: leases, rates, secrets, idempotency records, progress."""
