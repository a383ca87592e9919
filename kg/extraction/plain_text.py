"""The text that extractors read and that their evidence's spans refer to."""

from __future__ import annotations

import re
import unicodedata

from kg.readers.markup import plain_text

#: Characters without width that editors leave inside words: soft hyphen, zero-width blanks
#: and joiners, directions, byte order mark. A joiner between emoji goes too: none is a word.
_INVISIBLE = re.compile("[\u00ad\u034f\u061c\u180e\u200b-\u200f\u202a-\u202e\u2060-\u2064\ufeff]")
_MIXED_NUMBER = re.compile("(?<=\\d)(?=[\u00bc-\u00be\u2150-\u215e])")


def readable(text: str) -> str:
    """``text`` without HTML and invisible characters, in Unicode form NFKC.

    Full-width letters and digits become ordinary ones, 2½ becomes "2 1⁄2" and not 21⁄2.
    Spans of text evidence are positions in ``readable(text)`` of the field they name.
    """
    seen = _INVISIBLE.sub("", plain_text(text))
    return unicodedata.normalize("NFKC", _MIXED_NUMBER.sub(" ", seen))
