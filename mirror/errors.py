"""Named errors.

Every failure that a user can cause is a `MirrorError`. Its text is one line that names the thing
that failed and says how to mend it; the command line prints that line and exits with status 1.
So it does for an OSError that names a file. Anything else is a bug and keeps its traceback.
"""


class MirrorError(Exception):
    """A failure that a user can cause and mend; ``str()`` is one line: the thing and the fix."""

    @property
    def window_text(self) -> str:
        """The text for the window, whose users have no command line."""
        return str(self)


class MissingLibraryError(MirrorError):
    """An optional library that is not installed; the first part of the text is for the window."""

    @property
    def window_text(self) -> str:
        return f"{str(self).partition(';')[0]}; choose another one"


class SettingsError(MirrorError):
    """A setting that cannot be used: out of range, unknown, or at odds with another one."""


class PracticeError(MirrorError):
    """A goal or exercise that cannot be used, or is not known."""


class SourceError(MirrorError):
    """A source that cannot be opened or read."""


class CutOffError(SourceError):
    """A recorded source that ended before its own length; what was read before it is good."""


class SeriesError(MirrorError):
    """Series, or a file of them, that cannot be read or are unfit for a method."""


class ModelError(MirrorError):
    """The pose model is missing, damaged or cannot be fetched."""


class RecordingError(MirrorError):
    """A recording that cannot be opened, understood or written."""


class ExportError(MirrorError):
    """An export that cannot be written."""


class EventsError(MirrorError):
    """A file of coded events that cannot be read, or events that a recording does not have."""


class StudyError(MirrorError):
    """A study's table, folder or question that cannot be used."""


class StreamError(MirrorError):
    """A stream of scores that cannot be opened, or that nobody takes any more."""


class ConsentError(MirrorError):
    """A session that both people have not agreed to."""


class WindowError(MirrorError):
    """The window cannot be opened on this machine."""
