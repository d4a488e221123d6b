"""Every misuse gets one line that names the thing and the fix."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from mirror.analysis.published import mea_scale, mea_smooth, rmea, susy, wcc
from mirror.errors import SeriesError

SERIES = np.random.default_rng(1).standard_normal(3000)
METHODS = (rmea, susy, wcc)


def complaint(call: Callable[..., Any], *given: Any, **parameters: Any) -> str:
    with pytest.raises(SeriesError) as caught:
        call(*given, **parameters)
    text = str(caught.value)
    assert "\n" not in text
    return text


@pytest.mark.parametrize("method", METHODS)
def test_rejects_invalid_series(method: Callable[..., Any]) -> None:
    infinite = SERIES.copy()
    infinite[7] = np.inf
    assert "3000 samples and series B 2999" in complaint(method, SERIES, SERIES[1:], 10)
    assert "rate is 0 Hz" in complaint(method, SERIES, SERIES, 0)
    assert "rate is nan Hz" in complaint(method, SERIES, SERIES, np.nan)
    assert "2 dimensions" in complaint(method, SERIES.reshape(-1, 2), SERIES, 10)
    assert "not a number" in complaint(method, SERIES, ["a"] * 3000, 10)
    assert "series B is infinite at sample 7" in complaint(method, SERIES, infinite, 10)


@pytest.mark.parametrize(
    ("method", "parameters", "names"),
    [
        (rmea, {"win_sec": 1.23}, "12.3 samples at 10 Hz; make it a whole number, as 1.2 s"),
        (rmea, {"win_sec": np.nan}, "win_sec"),
        (rmea, {"win_sec": 0}, "win_sec"),
        (rmea, {"lag_sec": -1}, "lag_sec"),
        (rmea, {"inc_sec": 0}, "inc_sec"),
        (rmea, {"win_sec": 296}, "the series last 300 s, a window and its lag 301 s"),
        (susy, {"segment": 5}, "twice the maxlag"),
        (susy, {"maxlag": 0.01}, "maxlag"),
        (susy, {"segment": 151}, "two segments"),
        (wcc, {"w_max": 0.2}, "w_max"),
        (wcc, {"w_max": 295}, "the series last 300 s"),
        (wcc, {"t_max": 0.3}, "t_max"),
        (wcc, {"t_inc": 0.01}, "t_inc"),
        (wcc, {"t_max": 1.0, "l_size": 11}, "with 21 lags choose 1 to 10"),
        (wcc, {"t_max": 1.0, "pspan": 0.1}, "pspan"),
        (wcc, {"pspan": 1.5}, "pspan"),
        (wcc, {"kind": "highest"}, "kind is 'highest'"),
        (wcc, {"embed_d": 4}, "embed_d"),
    ],
)
def test_rejects_invalid_parameters(
    method: Callable[..., Any], parameters: dict[str, Any], names: str
) -> None:
    assert names in complaint(method, SERIES, SERIES[::-1], 10, **parameters)


def test_missing_samples_do_not_fill_a_segment() -> None:
    gappy = SERIES.copy()
    gappy[::2] = np.nan
    assert "there for 150 s" in complaint(susy, gappy, SERIES, 10, segment=100)


def test_rejects_invalid_smoothing_and_scaling() -> None:
    assert "under one sample" in complaint(mea_smooth, SERIES, 1)
    assert "rate" in complaint(mea_smooth, SERIES, -1)
    assert "dimensions" in complaint(mea_scale, SERIES.reshape(-1, 2))
