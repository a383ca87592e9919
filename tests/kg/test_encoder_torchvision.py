"""The repair of torchvision beside a torch it was not compiled for."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]


def test_torchvision_imports_after_the_repair_and_is_left_alone_then() -> None:
    program = (
        "import warnings; warnings.simplefilter('error');"
        "from kg.encoders.torchvision_repair import SCHEMAS, repair_torchvision;"
        "missing = repair_torchvision(); assert set(missing) in (set(), set(SCHEMAS)), missing;"
        "import torchvision.transforms, torch;"
        "assert all(hasattr(torch.ops.torchvision, name) for name in missing);"
        "assert repair_torchvision() == ()"
    )
    done = subprocess.run([sys.executable, "-c", program], cwd=ROOT, check=False)
    assert done.returncode == 0
