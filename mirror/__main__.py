"""``python -m mirror``."""

from mirror.cli.app import main

main()
