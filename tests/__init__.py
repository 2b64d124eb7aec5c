"""The test house: unit (no database), integration (real gunicorn and Cassandra), chaos, browser."""
