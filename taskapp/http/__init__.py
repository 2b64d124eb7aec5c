"""Everything that uses Flask but is not a feature."""
