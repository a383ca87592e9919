"""Plain text out of what shops keep in description columns."""

from __future__ import annotations

import html
import re

from bs4 import BeautifulSoup

_TAG = re.compile(r"</?[a-zA-Z][^<>]*>|<!--")
_ENTITY = re.compile(r"&(#\d+|#x[0-9a-fA-F]+|[a-zA-Z]+);")
_BLOCKS = ("p", "br", "li", "div", "tr", "ul", "ol", "table", "h1", "h2", "h3", "h4", "h5", "h6")


def plain_text(text: str) -> str:
    """``text`` without HTML tags and entities: a line a block, blanks collapsed.

    Text that has neither is only stripped of doubled blanks; ``a < b`` stays as it is.
    """
    if _TAG.search(text):
        soup = BeautifulSoup(text, "html.parser")
        for hidden in soup(["script", "style"]):
            hidden.decompose()
        for block in soup(_BLOCKS):
            block.insert_before("\n")
            block.insert_after("\n")
        text = soup.get_text()
    elif _ENTITY.search(text):
        text = html.unescape(text)
    lines = (" ".join(line.split()) for line in text.splitlines())
    return "\n".join(line for line in lines if line)
