"""``python -m mirror``, and the command ``mirror``."""

import gc

from mirror._support.process import on_stop_signals

with on_stop_signals():  # libraries take a while to load
    from mirror.cli.app import main

gc.freeze()  # imported modules stay: exclude them from collections

if __name__ == "__main__":
    main()
