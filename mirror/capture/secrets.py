"""Masking the secrets in the text of a source before it is shown or stored."""

import re
from typing import Final
from urllib.parse import unquote

SITE: Final = re.compile(r"[a-z][a-z0-9+.-]+://[^/?#]*", re.IGNORECASE)
# What may hold user info: whatever begins with a scheme, slashes or "name:"
_BEGINNING: Final = re.compile(
    r"^(?=[^\s/?#\\:]{1,60}:(?!/|\\[^\\])\S*$)|(?:^|[a-z][a-z0-9+.-]{1,20}:|https?|rtsps?)/+",
    re.IGNORECASE,
)
_AUTHORITY: Final = re.compile(r"[^/?#]*")
_NAME: Final = re.compile(
    r"(?<![^?&;#/,=])[^?&;#/,=]+?(?:=|%3D)|(?<=[?&;])[^?&;#/,=:]+:", re.IGNORECASE
)
# In a path: what follows a name of secrets
_TOKEN: Final = re.compile(
    r"(/(?:\w*[_-])?(?:token|key|auth|secret|session|sid|jwt)/)[^/?#]+", re.IGNORECASE
)
# What may be a code: pieces of a path, and values of a query or what stands there without a name
_PIECE: Final = re.compile(r"(/)([^/?#&;]+)")
_QUERIED: Final = re.compile(r"([?&;#](?>(?:[^?&;#=]*=(?!=|[&;#]|$))?))([^&;#]+)")
_CODE: Final = re.compile(r"(?<![\w~+-])eyJ|[0-9A-Fa-f]{20}")  # of JSON, or hexadecimal
_MIXED: Final = re.compile(r"[0-9].*[A-Za-z]|[A-Za-z].*[0-9]|[a-z].*[A-Z]")
_JOINT: Final = re.compile(r"[\W_]+|(?<=[a-z0-9])(?=[A-Z])")
_WORD: Final = re.compile(
    r"(?=[^\W\d_]{3})(?=\w*[aeiouyAEIOUY])(?:[A-Z]?[^\W\d_A-Z]+|[A-Z]+)[0-9]{0,2}"
)
_VIDEO: Final = re.compile(r"\.(?:mp4|m4v|mov|mkv|avi|webm|mpe?g|wmv)$", re.IGNORECASE)
_ENCODED: Final = re.compile(r"(?<=%3A%2F%2F)(?:(?!%2F|%3F)[^/?#&])*(?=%40)", re.IGNORECASE)
# A value goes on after "&" unless another name follows, and ends at a known fragment.
_VALUE: Final = re.compile(
    r"(?:(?!&[^&=#]*=|#(?:t=|xywh=|fps=|stream=|drift=|delay=|person=|(?:left|right|flip|people)(?:&|$))).)*",
    re.DOTALL,
)
# Words of secrets in a name in small letters, but not as pieces of others (keynote, design)
_SECRET: Final = re.compile(
    r"(?<!com)(?<!by)(?<!over)pass?e?(?![a-z])|pass(?:w|phrase|code)|pwd|psw|psd|priv|pw$|^p$"
    r"|secret(?!ar)|token|(?<!mon|don|tur|hoc|joc)keys?(?![a-z])|auth(?!ors?(?![a-z]))"
    r"|sig(?![a-z])|signature|(?<!de|as|re)sign(?:ed)?(?![a-z])|creds?(?![a-z])|credential"
    r"|(?<!as)(?<!pos)sess|ticket|jwt|(?<!s)pin$|otp(?![a-z])|hash|hmac|hdn"
    r"|(?<!time)(?<!de|en)code$|access|bearer|login|sid$|nonce"
)
# What is no local path: an address, a mistyped one, or one without its scheme
_REMOTE: Final = re.compile(
    r"(?!(?:lsl|series|demo|screen|file):)(?:[a-z][a-z0-9+.-]+:|(?:https?|rtsps?)/|[^?]*\?)",
    re.IGNORECASE,
)


def mask_secrets(text: str) -> str:
    """Replace the secrets in an address by ``***``.

    These are the user info (user names are often tokens), the values of parameters whose names say
    that they are secret, wherever in an address they stand, and codes in the path or the query. In
    doubt, more is replaced; but names of videos, which are of words, stay.
    """
    pieces, done = [], 0
    for match in _NAME.finditer(text) if _REMOTE.match(text) else ():
        name = unquote(match[0])[:-1]
        is_secret = any(_SECRET.search(each.lower()) for each in (name, _JOINT.sub("_", name)))
        if match.start() >= done and is_secret:
            pieces += [text[done : match.end()], "***"]
            value = _VALUE.match(text, match.end())
            assert value is not None
            done = value.end()
    text = _ENCODED.sub("***", "".join([*pieces, text[done:]]))
    last = text.rfind("@")
    for match in _BEGINNING.finditer(text, 0, max(last, 0)):
        authority = _AUTHORITY.match(text, match.end())
        assert authority is not None
        # A password may hold what ends an authority; and nothing known after a # holds an @.
        if {":", "@"} & set(authority[0]) or text.startswith("#", authority.end()):
            text = f"{text[: match.end()]}***{text[last:]}"
            break
    if site := SITE.match(text):
        rest = _QUERIED.sub(_mask_code, _TOKEN.sub(r"\1***", text[site.end() :]))
        text = site[0] + _PIECE.sub(_mask_code, rest)
    return text


def _mask_code(match: re.Match[str]) -> str:
    """Mask a piece of an address with a code in it, unless that is the name of a video."""
    text = unquote(match[2])
    is_code = _CODE.search(text) is not None
    for run in re.findall(r"[\w~+/-]{20,}", text):
        for each in (run, *re.split("[/_~+-]", run)):
            words = "".join(filter(_WORD.fullmatch, _JOINT.split(each)))
            is_long = len(each) >= 20 and _MIXED.search(each)
            is_code |= bool(is_long) and 3 * len(words) <= 2 * sum(map(str.isalnum, each))
    return f"{match[1]}***" if is_code and not _VIDEO.search(text) else match[0]
