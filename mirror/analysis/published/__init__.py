"""The field's own methods, by name: two plain series and a rate in, their figures out.

`rmea`, `susy` and `wcc` give the figures of the R packages rMEA, SUSY and wcc. Parameters keep the
packages' names, in seconds. Lags are turned to this program's sign where a package has the other
one: **positive = B follows A**.

The functions go by the names of their modules, and from here it is the functions that are meant.
"""

from mirror.analysis.published.rmea import Rmea, mea_scale, mea_smooth, rmea
from mirror.analysis.published.susy import Profile, Susy, susy
from mirror.analysis.published.wcc import Aggregate, Wcc, wcc

__all__ = [
    "Aggregate",
    "Profile",
    "Rmea",
    "Susy",
    "Wcc",
    "mea_scale",
    "mea_smooth",
    "rmea",
    "susy",
    "wcc",
]
