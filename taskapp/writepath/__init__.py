"""The write path: the one way in which whatever has versions changes, is derived, and is finished after a crash."""
