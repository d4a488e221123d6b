"""A paragraph for a paper's methods section, with a recording's own settings filled in."""

from __future__ import annotations

from mirror.recording import Recording
from mirror.timeline import State


def methods_text(recording: Recording) -> str:
    """How a recording's numbers were made, in words that a paper can use.

    Parameters
    ----------
    recording : Recording

    Returns
    -------
    str
        One paragraph of plain text.
    """
    used, session = recording.settings, recording.session
    versions, model = session.get("versions", {}), session.get("model", {})
    timeline = recording.timeline()
    scored = float((timeline.state == State.OK).mean()) if len(timeline) else 0.0
    low, high = used.band
    taper = {
        "lopsided": "a taper rising as sin² and falling as cos² over its last second",
        "hann": "a Hann taper",
    }[used.taper]
    mapping = {
        "mirror": "Person B's left and right were exchanged and the horizontal axis negated, so "
        "that B raising the right arm corresponds to A raising the left.",
        "same-side": "Corresponding sides of the two bodies were compared.",
    }[used.mapping]
    return (
        f"Movement coordination was measured with mirror {versions.get('mirror-synchrony', '')} "
        f"from two video feeds. MediaPipe {versions.get('mediapipe', '')} (pose landmarker, model "
        f"{model.get('name', 'unknown')}, SHA-256 {model.get('sha256', '')[:12]}…) gave 33 body "
        f"landmarks per frame and person, which were interpolated linearly onto a common "
        f"{used.rate:g} Hz grid (gaps of more than 0.25 s were treated as missing). Image-plane "
        "positions of head, arms and legs relative to the trunk, and of the trunk itself, were "
        "expressed in shoulder widths; landmarks with a mean visibility below .5 were left out. "
        f"{mapping} In sliding windows of {used.window:g} s ({taper}; one estimate every "
        f"{used.hop:g} s), the cross-spectrum of the two persons' movement was summed over "
        f"channels and over frequencies of {low:g}–{high:g} Hz and normalised by the power of "
        "both, giving one complex number C per window. In-phase coordination is the positive part "
        "of its real part, anti-phase coordination the negative part, coherence its absolute "
        "value, and relative phase its argument (positive: A ahead). The lag is the delay within "
        f"±{used.max_lag:g} s at which the normalised cross-correlation is highest (positive: B "
        f"follows A). Windows in which a person moved less than {used.floor:g} shoulder widths "
        f"(root mean square) or was out of sight were not scored; {100 * scored:.0f} % of the "
        "estimates were. Chance levels are 95th percentiles of pseudo-synchrony, from windows of "
        "the two persons that do not overlap in time."
    )
