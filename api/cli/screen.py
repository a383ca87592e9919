"""What a command shows: tables and progress for people, one JSON document for machines."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, TypeAlias

if TYPE_CHECKING:
    from rich.console import Console

#: Told ``(stage, done, total, note)``; a total of 0 is not known.
Steps: TypeAlias = Callable[[str, int, int, str], None]


class Screen:
    """Tables on stdout; progress on stderr, and only where somebody watches."""

    def __init__(self, *, as_json: bool) -> None:
        self.as_json = as_json

    def document(self, value: object) -> None:
        """``value`` as JSON on stdout, one line."""
        from api.json_response import encode

        sys.stdout.write(encode(value).decode() + "\n")

    def line(self, text: str) -> None:
        """A line for people; nothing with ``--json``."""
        if not self.as_json:
            self._console().print(text, markup=False, highlight=False, soft_wrap=True)

    def table(
        self,
        columns: Sequence[str],
        rows: Sequence[Sequence[object]],
        *,
        title: str = "",
        numbers: Sequence[int] = (),
    ) -> None:
        """A table for people; ``numbers``: columns that are aligned to the right."""
        from rich import box
        from rich.table import Table
        from rich.text import Text

        if self.as_json:
            return
        drawn = Table(title=title or None, box=box.SIMPLE_HEAD, title_justify="left")
        for index, column in enumerate(columns):
            drawn.add_column(column, justify="right" if index in numbers else "left")
        for row in rows:
            drawn.add_row(*(Text(_cell(value)) for value in row))
        self._console().print(drawn)

    @contextmanager
    def steps(self) -> Iterator[Steps]:
        """Progress bars, one a stage, gone when done."""
        from rich.console import Console
        from rich.progress import (
            BarColumn,
            MofNCompleteColumn,
            Progress,
            TextColumn,
            TimeElapsedColumn,
        )

        watched = sys.stderr.isatty() and not self.as_json
        bars = Progress(
            TextColumn("{task.description}"),
            BarColumn(),
            MofNCompleteColumn(),
            TimeElapsedColumn(),
            TextColumn("{task.fields[note]}", style="dim"),
            console=Console(stderr=True),
            disable=not watched,
            transient=True,
        )
        tasks: dict[str, Any] = {}
        with bars:

            def show(stage: str, done: int, total: int, note: str) -> None:
                if stage not in tasks:
                    tasks[stage] = bars.add_task(stage, total=total or None, note=note)
                bars.update(tasks[stage], completed=done, total=total or None, note=note)

            yield show

    @contextmanager
    def waiting(self, text: str) -> Iterator[None]:
        """A spinner while something that cannot be counted goes on."""
        from rich.console import Console

        if self.as_json or not sys.stderr.isatty():
            yield
            return
        with Console(stderr=True).status(text):
            yield

    def _console(self) -> Console:
        from rich.console import Console

        # A pipe has no width: a table must not lose its words to a guessed 80 columns.
        return Console(width=None if sys.stdout.isatty() else 160)


def _cell(value: object) -> str:
    if value is None:
        return ""
    if isinstance(value, float):
        return f"{value:.4g}"
    return str(value)
