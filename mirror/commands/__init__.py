"""The commands by what they are about: sessions, recordings, studies, the machine.

Heavy parts (MediaPipe takes seconds to import) are imported by the commands that use them, so that
--help, info and export answer at once.
"""
