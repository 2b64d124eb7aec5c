"""``python -m taskapp.cli``: the command, without its script."""

from taskapp.cli import main

main()
