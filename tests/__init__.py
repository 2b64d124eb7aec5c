"""The tests: unit (no database), integration (real gunicorn and Cassandra), chaos, browser."""
