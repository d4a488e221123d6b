"""Validation: the whole program against rendered people whose coordination is known.

`conditions` says what is rendered, `measuring` takes it through the pipeline, `calibration` counts
false alarms, `criteria` judges, `figures` and `page` make the report, and `command` is
``mirror validate``.
"""
