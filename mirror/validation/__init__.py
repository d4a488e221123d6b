"""Validation: the whole program against rendered people whose coordination is known.

`conditions` defines the rendered pairs, `measurement` analyses them, `calibration` counts false
alarms, `criteria` judges, `outcome` holds the results, `figures` and `page` make the report.
"""
