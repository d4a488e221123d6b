"""Published methods for two plain series: the figures of the R packages rMEA, SUSY and wcc.

Parameters keep the packages' names, in seconds. All lags have this program's sign:
**positive = B follows A**.

`rmea`, `susy` and `wcc` are both modules and functions; imported from here they are the functions.
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
