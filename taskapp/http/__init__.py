"""Everything that knows Flask and is no feature."""
