"""Side-by-side measurements of speed and memory: ``make bench``, or ``python -m benchmarks``.

They print tables and decide nothing. What is compared is run in turn, several times, in one
process, and given as the median with the lowest and highest: machines differ, ratios less.
"""
