"""The replay page: playback, events, rescoring and export of a recording."""
