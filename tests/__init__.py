"""Tests of mirror and its window."""

import signal

# A shell without job control starts background jobs with SIGINT ignored, and nohup with
# SIGHUP, which processes inherit. Done before mirror is imported, which looks at it.
if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
    signal.signal(signal.SIGINT, signal.default_int_handler)
if hasattr(signal, "SIGHUP") and signal.getsignal(signal.SIGHUP) is signal.SIG_IGN:
    signal.signal(signal.SIGHUP, signal.SIG_DFL)
