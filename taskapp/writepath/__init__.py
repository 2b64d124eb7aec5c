"""The write path: the one way in which anything with versions is changed, derived, and finished after a crash."""
