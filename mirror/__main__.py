"""``python -m mirror``, and the command ``mirror``."""

from mirror._support.process import on_stop_signals

with on_stop_signals():  # libraries take a while to load
    from mirror.cli.app import main

if __name__ == "__main__":
    main()
