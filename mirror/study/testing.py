"""The tests of a corpus, as parts of a page: for the terminal and for the report."""

from collections.abc import Callable, Sequence
from typing import Any, Final, NamedTuple

import numpy as np

from mirror.analysis.pseudo_dyads import Compact, in_other_role, pseudo_dyads
from mirror.errors import StudyError
from mirror.estimator.signals import TWO_BODIES, Signals
from mirror.estimator.spectrum import PHASE_SCORES, Plan
from mirror.report.document import Figure, Listing, Paragraph, Section, Table
from mirror.report.svg import BLUE, GREY, Canvas, draw_figure
from mirror.settings import Settings
from mirror.study.corpus import Corpus
from mirror.study.models import FEW, WINDOWS, Estimate, adjust, complete, correlate, fit, permute
from mirror.timeline import REGIONS
from mirror.wording import number, p_value, plain_name

_OF_BODY: Final = (*PHASE_SCORES, "mirroring")
_SCORES: Final = (*_OF_BODY, *(f"{score}_{part}" for part in REGIONS for score in PHASE_SCORES))
_APART: Final = ("hop", "floor")  # settings that pseudo-dyads do not depend on
_ORDERS: Final = 1000
_INTERVAL: Final = ("from", "to")
Progress = Callable[[int, int], None]


class _OfDyads(NamedTuple):
    """A mean score, that of pseudo-dyads and the effect size; p and the number of dyads."""

    term: str
    numbers: tuple[float, float, float]
    p: float
    n: int


def run_tests(
    corpus: Corpus,
    *,
    pairs: str = "role",
    by: str | None = None,
    blocks: str | None = None,
    outcome: str | None = None,
    formula: str | None = None,
    group: str | None = None,
    correction: str = "holm",
    seed: int = 0,
    done: Progress = lambda _done, _total: None,
) -> tuple[Section, ...]:
    """Answer questions about a corpus, with sentences for a paper.

    `pairs` are the pseudo-dyads: of A with B ("role"), also of A with A and B with B ("any-role"),
    or within the values of a column. `by` is the condition to compare, and `blocks` the column
    within whose values its labels are permuted; `outcome` a column to correlate the scores with;
    `formula` and `group` a model (`fit`) of the dyads, or, for the group "id", of their windows.
    `correction` is "holm" or "fdr_bh"; `done` is called with the windows paired and in all.
    """
    rng = np.random.default_rng(seed)
    frame = corpus.frame("dyads")
    if blocks is not None and by is None:
        raise StudyError("--blocks is for --by: give it too, or leave --blocks out")
    if group is not None and formula is None:
        raise StudyError("--group is for --formula: give it too, or leave --group out")
    if by is not None and complete(frame, by)[by].value_counts().min() < 2:
        raise StudyError(f"{by!r} has values of one dyad only: --by needs two or more of each")
    scores = [each for each in _SCORES if frame[each].nunique() > 1]
    sections = [_against_chance(corpus, pairs, correction, rng, done)]
    if by is not None:
        found = [permute(frame, each, by, blocks, _ORDERS, rng) for each in scores]
        text = (
            f"Labels of {by} permuted{f' within {blocks}' if blocks else ''} ({_ORDERS} orders): "
            "share of the variance between its values (η²), and how often chance reaches it "
            "(one-sided p: η² has no direction)."
        )
        sections.append(
            _section(f"Between values of {by}", text, ("η²", *_INTERVAL), found, correction)
        )
    if outcome is not None:
        found = [correlate(frame, each, outcome, rng) for each in scores]
        text = (
            "Pearson's correlation, two-sided p; 95 % intervals by bootstrap (BCa, 1999 resamples, "
            "expanded for few dyads)."
        )
        sections.append(
            _section(f"Correlation with {outcome}", text, ("r", *_INTERVAL), found, correction)
        )
    if formula is not None:
        rows = corpus.frame("windows" if group == WINDOWS else "dyads")
        found, notes, text = fit(rows, formula, group)
        sections.append(_section(f"Model: {formula}", text, ("b", *_INTERVAL), found, "", *notes))
    if shared := _overlaps(corpus):
        sections.append(Section("Dyads that overlap", (Listing(tuple(shared)),)))
    return tuple(sections)


def _against_chance(
    corpus: Corpus, pairs: str, correction: str, rng: np.random.Generator, done: Progress
) -> Section:
    plan, mirrored = _plan(corpus)
    is_column, abouts = pairs not in ("role", "any-role"), corpus.about.values()
    if is_column and any(pairs not in each for each in abouts):
        raise StudyError(f"--pairs is role, any-role or a column, and there is no {pairs!r}")
    kept = [
        each
        for each, about in corpus.about.items()
        if not is_column or (about[pairs] != "" and about[pairs] == about[pairs])
    ]
    stored = [_stored(corpus, each, mirrored=mirrored) for each in kept]
    groups = [corpus.about[each][pairs] for each in kept] if is_column else []
    both = pairs == "any-role"
    results, means = pseudo_dyads(
        plan, stored, _ORDERS, rng, groups=groups, any_role=both, mirrored=mirrored, done=done
    )
    found: list[_OfDyads] = []
    for e in results:
        numbers = e.observed, e.null_mean, e.effect_size
        found.append(
            _OfDyads(f"{e.score}_{e.region}".removesuffix("_body"), numbers, e.p, e.windows)
        )
    first, kind = results[0], f"A with B of one {pairs}"
    kind = {"role": "A with B", "any-role": "A with B, A with A, B with B"}.get(pairs, kind)
    text = (
        f"Mean scores of {first.windows} dyads against {first.pairs} pseudo-dyads (people of "
        f"different dyads, {kind}, window by window). Effect size: distance from their mean, in "
        f"their standard deviations; one-sided p: share of {first.surrogates} random assignments "
        "of partners that reach the mean of the dyads."
    )
    few = [f"only {first.windows} dyads: effects are uncertain"] if first.windows < FEW else []
    if without := len(corpus.facts) - len(kept):
        few.append(f"{without} dyads without a {pairs} are left out")
    heads = "dyads", "pseudo-dyads", "effect size"
    section = _section("Against chance", text, heads, found, correction, *few)
    return Section(section.title, (*section.parts, _figure(means)))


def _plan(corpus: Corpus) -> tuple[Plan, bool]:
    """Return the plan of all dyads' spectra, and whether B's are of the mirror image."""
    used = {
        each: ({k: v for k, v in facts["settings"].items() if k not in _APART}, facts["signals"])
        for each, facts in corpus.facts.items()
    }
    (settings, signals), *_ = used.values()
    for each, other in used.items():
        if other != (settings, signals):
            raise StudyError(
                f"dyad {each} has other settings or signals than {next(iter(used))}, and people of "
                "different dyads cannot be compared: leave out such rows or columns"
            )
    compared = Signals(*(tuple(each) or None for each in signals))
    mirrored = settings["mapping"] == "mirror" and compared == TWO_BODIES
    return Plan.of(Settings.from_dict(settings), compared.layout), mirrored


def _stored(corpus: Corpus, dyad: str, *, mirrored: bool) -> Compact:
    """Return a dyad's spectra; with A as B if its ``role_a`` is the first dyad's ``role_b``."""
    values, rest = corpus.load(dyad, ".npy"), corpus.load(dyad, ".npz")
    counts, present = rest["counts"], rest["present"]
    first, own = next(iter(corpus.about.values())), corpus.about[dyad]
    roles = first.get("role_a"), first.get("role_b")
    if roles[0] != roles[1] and (own.get("role_b"), own.get("role_a")) == roles:
        values, counts = in_other_role(values[:, ::-1], counts, mirrored)
    return Compact(values, counts, present)


def _section(
    title: str,
    text: str,
    heads: Sequence[str],
    found: Sequence[Estimate | _OfDyads],
    correction: str,
    *notes: str,
) -> Section:
    p, is_score = [each.p for each in found], bool(correction)
    adjusted = adjust(p, correction) if is_score else p
    rows = tuple(
        (
            plain_name(each.term).replace("anti phase", "anti-phase") if is_score else each.term,
            *(number(value, 3) for value in each.numbers),
            *map(p_value, (each.p, other) if is_score else (each.p,)),
            str(each.n),
        )
        for each, other in zip(found, adjusted, strict=True)
    )
    head = ("", *heads, "p", *(["adjusted p"] if is_score else []), "N")
    text += f" p adjusted for {len(found)} tests ({correction})." if is_score else ""
    listed = (Listing(notes),) if notes else ()
    return Section(title, (Paragraph(text), Table("", head, rows), *listed))


def _figure(means: dict[tuple[str, str], Any]) -> Figure:
    same = np.eye(len(means["in_phase", "body"]), dtype=bool)

    def draw(canvas: Canvas) -> None:
        panels = canvas.subplots(1, len(_OF_BODY), sharey=True)
        for axes, each in zip(panels, _OF_BODY, strict=True):
            for at, colour, label in ((~same, GREY, "pseudo-dyads"), (same, BLUE, "dyads")):
                known = means[each, "body"][at & np.isfinite(means[each, "body"])]
                more = {"weights": np.full(len(known), 100.0 / max(1, len(known))), "alpha": 0.6}
                axes.hist(known, np.linspace(0.0, 1.0, 41), color=colour, label=label, **more)
            axes.set_xlabel(plain_name(each))
        canvas.axes[0].set_ylabel("share (%)")
        canvas.axes[-1].legend()

    meaning = "Mean scores of dyads (blue) and of people of different dyads (grey)."
    told = "Histograms of the means of dyads and pseudo-dyads; the table above has their centres."
    return draw_figure("Genuine and pseudo-dyads.", meaning, told, (8.0, 2.6), draw)


def _overlaps(corpus: Corpus) -> list[str]:
    """Return which dyads are not independent of each other."""
    users: dict[str, list[str]] = {}
    for each, facts in corpus.facts.items():
        people = {str(corpus.about[each].get(f"person_{feed}") or "") for feed in "ab"}
        for shared in (people | {digest for *_, digest in facts["files"].values()}) - {""}:
            users.setdefault(shared, []).append(each)
    together = dict.fromkeys(", ".join(each) for each in users.values() if len(each) > 1)
    return [f"{each}: they share a source or a person" for each in together]
