"""Run benchmarks and keep their tables: ``python -m benchmarks [NAME ...] [--readme]``.

Every script of this folder prints Markdown. Its output goes to ``docs/benchmarks/NAME.md``,
and blocks of the README between ``<!-- benchmark:NAME -->`` and ``<!-- /benchmark -->`` are
replaced by it. ``--readme`` only refreshes the README from the outputs that are there.
"""

from __future__ import annotations

import platform
import re
import subprocess
import sys
from datetime import UTC, datetime
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
OUTPUT = ROOT / "docs" / "benchmarks"


def names() -> list[str]:
    """Benchmarks in alphabetical order: a script each."""
    scripts = sorted(path.stem for path in Path(__file__).parent.glob("[a-z]*.py"))
    return [
        name for name in scripts if "if __name__" in (ROOT / f"benchmarks/{name}.py").read_text()
    ]


def run(name: str) -> bool:
    """Run one benchmark; its output is kept only when it finished."""
    print(f"benchmark {name} ...", file=sys.stderr, flush=True)
    command = [sys.executable, "-m", f"benchmarks.{name}"]
    done = subprocess.run(command, cwd=ROOT, stdout=subprocess.PIPE, text=True, check=False)
    if done.returncode:
        print(f"benchmark {name} failed with exit code {done.returncode}", file=sys.stderr)
        return False
    print(done.stdout)
    OUTPUT.mkdir(parents=True, exist_ok=True)
    made = f"Made by `python -m benchmarks {name}` on {datetime.now(UTC):%Y-%m-%d}, "
    made += f"Python {platform.python_version()}.\n\n"
    (OUTPUT / f"{name}.md").write_text(f"# {name}\n\n{made}{done.stdout}", encoding="utf-8")
    return True


def refresh_readme() -> None:
    """Put the first table of each output between the README's marks for it."""
    readme = ROOT / "README.md"

    def replace(match: re.Match[str]) -> str:
        output = OUTPUT / f"{match['name']}.md"
        if not output.exists():
            return match[0]
        table = re.search(r"(?m)(^\|.*\n)+", output.read_text(encoding="utf-8"))
        body = table[0] if table else "(no table)\n"
        return f"<!-- benchmark:{match['name']} -->\n{body}<!-- /benchmark -->"

    marked = r"<!-- benchmark:(?P<name>\w+) -->\n.*?<!-- /benchmark -->"
    text = readme.read_text(encoding="utf-8")
    readme.write_text(re.sub(marked, replace, text, flags=re.DOTALL), encoding="utf-8")


def main(arguments: list[str]) -> int:
    """Exit code 0 when every benchmark finished."""
    chosen = [name for name in arguments if not name.startswith("--")]
    unknown = sorted(set(chosen) - set(names()))
    if unknown:
        print(
            f"no benchmark {', '.join(unknown)}; there are: {', '.join(names())}", file=sys.stderr
        )
        return 2
    finished = True
    if "--readme" not in arguments:
        failed = [name for name in chosen or names() if not run(name)]
        finished = not failed
    refresh_readme()
    return 0 if finished else 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
