"""The query library as Neo4j Browser's saved scripts: a zip, a folder in it a folder there.

The Browser takes a ``.zip`` of ``folder/name.cypher`` dropped onto its window, and calls each
script by its first comment line.
"""

from __future__ import annotations

import io
import re
import zipfile
from collections import Counter, defaultdict
from collections.abc import Iterator
from importlib.resources import files

#: What does not need a parameter, or sets them: the scripts to begin with.
FIRST = "Shopgraph"
_PARAMETERS = "parameters.cypher"
_PICKED = re.compile(r"^:param \[\{(.+)\}\] => \{$", re.MULTILINE)
_DEFAULT = re.compile(r"^// :param (\w+) (\S+) = (.+)$", re.MULTILINE)


def saved_scripts() -> bytes:
    """The zip; the same library gives the same bytes."""
    archive = io.BytesIO()
    with zipfile.ZipFile(archive, "w", zipfile.ZIP_DEFLATED) as into:
        for place, text in scripts().items():
            # A fixed time: the archive is a function of the texts.
            into.writestr(zipfile.ZipInfo(place), text.encode())
    return archive.getvalue()


def scripts() -> dict[str, str]:
    """Place in the zip -> text: those of ``saved`` first, then the library by topic and name.

    The script that picks parameters from the graph also gets the library's defaults, because
    the Browser does not read headers.
    """
    root = files("cypher")
    topics = sorted(each.name for each in root.iterdir() if each.is_dir())
    library = dict(_texts(*((f"{FIRST} {name}", name) for name in topics if name != "browser")))
    saved = dict(_texts((FIRST, "browser/saved")))
    saved[f"{FIRST}/{_PARAMETERS}"] += _defaults(saved[f"{FIRST}/{_PARAMETERS}"], library)
    return saved | library


def _texts(*folders: tuple[str, str]) -> Iterator[tuple[str, str]]:
    for folder, place in folders:
        found = [each for each in (files("cypher") / place).iterdir() if each.is_file()]
        for script in sorted(found, key=lambda each: each.name):
            text = script.read_text(encoding="utf-8") if script.name.endswith(".cypher") else ""
            # What writes belongs to the service, not to somebody who looks around.
            if text and "\n// :access write" not in text:
                yield f"{folder}/{script.name}", text


def _defaults(picks: str, library: dict[str, str]) -> str:
    """A statement that sets what has a default and is not picked; of several the commonest."""
    picked = set(_PICKED.findall(picks)[0].split(", "))
    counts: dict[str, Counter[str]] = defaultdict(Counter)
    for text in library.values():
        for name, kind, value in _DEFAULT.findall(text):
            if name not in picked:
                # In JSON 1800 is a FLOAT, too; in Cypher it is an INTEGER.
                counts[name][f"toFloat({value})" if kind == "FLOAT" else value] += 1
    if not counts:
        return ""
    values = ", ".join(
        f"{each[0][0]} AS {name}"
        for name in sorted(counts)
        for each in [counts[name].most_common(1)]
    )
    return f";\n:param [{{{', '.join(sorted(counts))}}}] => {{ RETURN {values} }}\n"
