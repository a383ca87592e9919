"""Write what Neo4j Browser loads into a folder: ``python -m cypher.browser [FOLDER]``."""

from __future__ import annotations

import argparse
import sys
from importlib.resources import files
from pathlib import Path

from cypher.browser.saved_scripts import saved_scripts


def main() -> None:
    """Style, saved scripts and guide, each a file in FOLDER; says which."""
    parser = argparse.ArgumentParser(prog="python -m cypher.browser", description=__doc__)
    parser.add_argument("folder", nargs="?", default="neo4j-browser", type=Path)
    folder: Path = parser.parse_args().folder
    folder.mkdir(parents=True, exist_ok=True)
    contents = {
        name: (files("cypher") / "browser" / name).read_bytes()
        for name in ("style.grass", "guide.md")
    }
    contents["saved-scripts.zip"] = saved_scripts()
    for name, content in contents.items():
        (folder / name).write_bytes(content)
        sys.stdout.write(f"{folder / name}\n")


if __name__ == "__main__":
    main()
