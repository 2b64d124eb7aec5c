"""``python -m taskapp.cli``: the command without its installed script."""

from taskapp.cli import main

main()
