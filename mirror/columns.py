"""The meaning of each exported column, for metadata files, schemas and sheets."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from mirror.timeline import REGIONS, UNITS, PostureState, State
from mirror.wording import no_posture

_SHARE: Final = "0…1"


@dataclass(frozen=True, slots=True)
class Column:
    """One column of a table.

    `units` and `range` may be empty; `levels` are the values of categories, with their meanings.
    """

    definition: str
    units: str = ""
    range: str = ""
    levels: tuple[tuple[str, str], ...] = ()

    def to_dict(self) -> dict[str, object]:
        """Return the column as an object for a JSON file."""
        values: dict[str, object] = {"definition": self.definition, "units": self.units or None}
        if self.range:
            values["range"] = self.range
        if self.levels:
            values["levels"] = dict(self.levels)
        return values


def definitions(**tables: Mapping[str, Column]) -> dict[str, dict[str, object]]:
    """Return the columns of each table as objects for a JSON file."""
    return {
        table: {name: column.to_dict() for name, column in columns.items()}
        for table, columns in tables.items()
    }


_STATES: Final = {
    State.OK: "the scores are valid",
    State.WARMING_UP: "less than one window so far",
    State.NO_PERSON_A: "person A was not tracked for more than half of the window",
    State.NO_PERSON_B: "person B was not tracked for more than half of the window",
    State.GAP: "a feed delivered nothing for too long, and too little of the window is left",
    State.STILL: "a person's movement in the band does not stand out of the noise",
    State.UNSURE: "it was not known which of two people in one picture is who",
}

TIMELINE: Final[dict[str, Column]] = {  # columns of the timeline, in their order
    "time_s": Column(
        "End of the window that the row speaks of, on the session's clock", UNITS["time_s"]
    ),
    "state": Column(
        "Whether the scores are valid, or why they are undefined",
        levels=tuple((str(state), words) for state, words in _STATES.items()),
    ),
    "in_phase": Column("max(0, Re C): both do the same at the same time", range=_SHARE),
    "anti_phase": Column("max(0, −Re C): both do the opposite at the same time", range=_SHARE),
    "coherence": Column(
        "|C|, the absolute value of the normalised cross-spectrum C: coordinated at any constant "
        "phase",
        range=_SHARE,
    ),
    "relative_phase_deg": Column(
        "arg C, phase of A minus phase of B; positive: A is ahead",
        UNITS["relative_phase_deg"],
        "(−180, 180]",
    ),
    "mirroring": Column("Largest correlation over the lags searched", range=_SHARE),
    "lag_s": Column(
        "The lag of that largest correlation; positive: B follows A",
        UNITS["lag_s"],
        "±max-lag of the settings",
    ),
    **{
        f"chance_{score}": Column(
            f"95th percentile of {score} between windows of A and of B that do not overlap in time "
            "(pseudo-synchrony)",
            range=_SHARE,
        )
        for score in ("in_phase", "anti_phase", "mirroring")
    },
    "posture_match": Column(
        "How alike both people, mirrored by the mapping, deviate from their usual postures: the "
        "same pose, moving or not, in what is not alike in them at all times",
        range=_SHARE,
    ),
    "chance_posture_match": Column(
        "95th percentile of the match of A's posture with B's at earlier times, and of B's posture "
        "with A's, but .25 at least",
        range=_SHARE,
    ),
    **{
        f"energy_{person}": Column(
            f"Root mean square of person {person.upper()}'s movement within the band; for a "
            "recording of plain series, in the unit of the series",
            UNITS[f"energy_{person}"],
        )
        for person in "ab"
    },
    **{
        f"tracked_{person}": Column(
            f"Share of the window in which person {person.upper()} was tracked", range=_SHARE
        )
        for person in "ab"
    },
    **{
        f"{score}_{region}": Column(
            f"{score} from the channels of the {region.replace('_', ' ')} alone", range=_SHARE
        )
        for region in REGIONS
        for score in ("in_phase", "anti_phase", "coherence")
    },
    **{
        f"{score}_{region}": Column(
            f"{score} of the {region.replace('_', ' ')} alone", range=_SHARE
        )
        for region in REGIONS
        for score in ("posture_match", "chance_posture_match")
    },
    "mimicry_latency_s": Column(
        "How long after the other person a posture was taken over; positive: B from A. Undefined, "
        "as the next three, in all rows but those in which this became known",
        UNITS["mimicry_latency_s"],
        "±10",
    ),
    "mimicry_ago_s": Column(
        "How long before the row's time it was taken over", UNITS["mimicry_ago_s"]
    ),
    "mimicry_likeness": Column("The match of both new postures", range=_SHARE),
    "mimicry_regions": Column(
        "What was taken over: the sum of "
        + ", ".join(f"{1 << k} ({each.replace('_', ' ')})" for k, each in enumerate(REGIONS))
    ),
    "posture_state": Column(
        "Whether posture_match is valid, or why it is undefined",
        levels=tuple(
            (str(each), no_posture(each) or "the match is valid") for each in PostureState
        ),
    ),
}

EVENTS: Final = {  # columns of a table of events
    "time_s": Column("When it happened, on the session's clock", "s"),
    "kind": Column(
        "What sort of event: mark (made by a person), truth (the demo's script), mimicry (a "
        "posture was taken over), cue and result (of an exercise), settings (they changed), or "
        "another word"
    ),
    "text": Column("What was said of it"),
}

FRAMES: Final = {  # columns that identify the frame of a row of landmarks
    "feed": Column("Whose camera: a or b", levels=(("a", "person A"), ("b", "person B"))),
    "time_s": Column("When the picture was taken, on the session's clock", "s"),
    "width": Column("Of the picture", "pixels"),
    "height": Column("Of the picture", "pixels"),
}

LANDMARKS: Final = {  # values of each of the 33 landmarks; undefined if nobody was found
    "x": Column("Position in the picture, to the right", "picture widths", "0…1 inside of it"),
    "y": Column("Position in the picture, downwards", "picture heights", "0…1 inside of it"),
    "z": Column(
        "Distance from the camera beyond that of the hips; a model's estimate", "picture widths"
    ),
    "visibility": Column("How sure the model is that the landmark is visible", range=_SHARE),
}

WORLD: Final = {  # the landmarks in space, in metres; undefined if nobody was found
    f"world_{axis}": Column(
        f"Position from the middle between the hips, {where}; a model's estimate", "m"
    )
    for axis, where in (("x", "to the right"), ("y", "downwards"), ("z", "away from the camera"))
}
