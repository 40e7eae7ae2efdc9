"""What may stand in a mail header, and what is one plain address.

Python before 3.13 decodes an encoded word inside a header and writes the line break it hides as a real one
(CVE-2024-6923), so a title could add a `Bcc`. The guard does not count on the interpreter: no control
character, no line separator and no encoded word ever reaches a header (OWASP ASVS 5.0, 1.3.11).
"""

import re
import unicodedata

from domain.errors import RefusedError

LONGEST_HEADER = 900  # characters; RFC 5322 2.1.1 ends a line at 998 octets
LONGEST_LOCAL_PART = 64  # octets; RFC 5321 4.5.3.1.1
LONGEST_ADDRESS = 254  # octets; RFC 5321 4.5.3.1.3, less the angle brackets
REFUSED_CATEGORIES = frozenset({"Cc", "Cs", "Zl", "Zp"})  # controls, lone surrogates, U+2028, U+2029
BIDI_CONTROLS = frozenset("\u061c\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")
ENCODED_WORD = "=?"
LOCAL_PART = re.compile(r"[\w!#$%&'*+/=?^`{|}~-]+(\.[\w!#$%&'*+/=?^`{|}~-]+)*")  # a dot-atom, any script
DOMAIN_LABEL = re.compile(r"[^\W_]([\w-]*[^\W_])?")


def has_hidden_character(text: str) -> bool:
    """Whether `text` holds a character that breaks a line, steers the display or cannot be encoded."""
    return any(mark in BIDI_CONTROLS or unicodedata.category(mark) in REFUSED_CATEGORIES for mark in text)


def safe_header(text: str) -> str:
    """`text` as it came, when it may stand in a mail header; RefusedError when it may not."""
    if len(text) > LONGEST_HEADER:
        raise RefusedError(
            "A mail header has at most %(most)s characters, this one has %(count)s.",
            most=LONGEST_HEADER,
            count=len(text),
        )
    if has_hidden_character(text):
        raise RefusedError("A mail header may not hold line breaks or control characters.")
    if ENCODED_WORD in text:
        raise RefusedError("A mail header may not hold an encoded word (=?).")
    return text


def safe_address(text: str) -> str:
    """`text` as it came, when it is one plain address (`name@host`); RefusedError when it is not.

    No display name, no quotes, no list, no host in brackets. Any script is allowed on both sides of the @.
    """
    local_part, at, domain = safe_header(text).rpartition("@")
    fits = len(local_part.encode()) <= LONGEST_LOCAL_PART and len(text.encode()) <= LONGEST_ADDRESS
    labels = domain.split(".")
    plain = LOCAL_PART.fullmatch(local_part) and all(DOMAIN_LABEL.fullmatch(label) for label in labels)
    if not (at and fits and plain):
        raise RefusedError("%(address)s is not one plain e-mail address.", address=repr(text[:100]))
    return text
