"""The terminal, and the door to `ui`.

Heavy parts (MediaPipe takes seconds to import) are imported by the commands that use them, so that
``--help``, ``info`` and ``export`` answer at once.
"""
