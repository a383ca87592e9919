"""Plain text out of what shops keep in description columns."""

from __future__ import annotations

import html
import re
from html.parser import HTMLParser

_TAG = re.compile(r"</?[a-zA-Z][^<>]*>|<!--")
_ENTITY = re.compile(r"&(#\d+|#x[0-9a-fA-F]+|[a-zA-Z]+);")
_HIDDEN = frozenset({"script", "style"})
_BLOCKS = frozenset(
    ["p", "br", "li", "div", "tr", "ul", "ol", "dl", "dt", "table", "caption"]
    + [f"h{level}" for level in range(1, 7)]
)
_COLON = " \t\r\n:："


def plain_text(text: str) -> str:
    """``text`` without HTML tags and entities: a line a block, blanks collapsed.

    Rows of tables and ``dt``/``dd`` become lines ``key: value``. Text that has neither tags
    nor entities is only stripped of doubled blanks; ``a < b`` stays as it is. Linear in the
    length, however deep or unclosed the tags are.
    """
    if _TAG.search(text):
        reader = _Reader()
        reader.feed(text)
        reader.close()
        text = reader.text()
    elif _ENTITY.search(text):
        text = html.unescape(text)
    lines = (" ".join(line.split()) for line in text.splitlines())
    return "\n".join(line for line in lines if line)


class _Table:
    """Cells of the rows read so far: (is it a header, its text)."""

    def __init__(self) -> None:
        self.rows: list[list[tuple[bool, list[str]]]] = [[]]
        self.open = False  # inside a cell

    def lines(self) -> list[str]:
        """What the eye sees: ``key: value`` lines, keys on the left or on top."""
        rows = [
            [(header, " ".join("".join(parts).split())) for header, parts in row]
            for row in self.rows
            if row
        ]
        top = rows[0] if rows else []
        if len(rows) > 1 and len(top) > 1 and all(header for header, _ in top):
            keys = [key.rstrip(_COLON) for _, key in top]
            return [
                f"{key}: {cell}"
                for row in rows[1:]
                for key, (_, cell) in zip(keys, row, strict=False)
            ]
        lines = []
        for row in rows:
            cells = [cell for _, cell in row]
            if len(cells) % 2:
                lines.append(" | ".join(cells))
            else:  # key, value, key, value
                pairs = zip(cells[::2], cells[1::2], strict=True)
                lines += [f"{key.rstrip(_COLON)}: {value}" for key, value in pairs]
        return lines


class _Reader(HTMLParser):
    """Collects text as tags stream by; closes what shops forget to close."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self._parts: list[str] = []
        self._tables: list[_Table] = []
        self._hidden = 0

    def text(self) -> str:
        """Everything read so far."""
        while self._tables:
            self._close_table()
        return "".join(self._parts)

    def handle_starttag(self, tag: str, attrs: object) -> None:
        """Starts a block, a row or a cell."""
        self._hidden += tag in _HIDDEN
        if tag == "dd":
            parts = self._into()
            while parts and not parts[-1].strip(_COLON):
                parts.pop()
            if parts:
                parts[-1] = parts[-1].rstrip(_COLON)
                parts.append(": ")
        elif tag in _BLOCKS:
            self._into().append("\n")
        if tag == "table":
            self._tables.append(_Table())
        elif self._tables and tag == "tr":
            self._tables[-1].rows.append([])
            self._tables[-1].open = False
        elif self._tables and tag in {"td", "th"}:
            self._tables[-1].rows[-1].append((tag == "th", []))
            self._tables[-1].open = True

    def handle_endtag(self, tag: str) -> None:
        """Ends a block, a row or a cell."""
        self._hidden = max(self._hidden - (tag in _HIDDEN), 0)
        if tag == "table" and self._tables:
            self._close_table()
        elif self._tables and tag in {"td", "th", "tr"}:
            self._tables[-1].open = False
        if tag == "dd" or (tag in _BLOCKS and tag != "dt"):
            self._into().append("\n")

    def handle_data(self, data: str) -> None:
        """Text, unless it is a script or a style sheet."""
        if not self._hidden:
            self._into().append(data)

    def _into(self) -> list[str]:
        """Where text goes: the open cell; between cells, the text around the tables."""
        if self._tables and self._tables[-1].open:
            return self._tables[-1].rows[-1][-1][1]
        return self._parts

    def _close_table(self) -> None:
        lines = self._tables.pop().lines()
        self._into().append("\n" + "".join(f"{line}\n" for line in lines))
