"""Side-by-side measurements of speed and memory: ``make bench``, or ``python -m benchmarks``.

They print tables; nothing fails. Compared programs alternate, several rounds in one process; the
median is given with the lowest and highest value, as ratios differ less between machines.
"""
