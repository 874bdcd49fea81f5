"""Run by `make smoke` where only the wheel is installed: both commands answer, and nothing needs torch."""

import importlib.util
import subprocess
import sys
from pathlib import Path

BIN = Path(sys.executable).parent

for command in ("dejavu", "dejavu-tui"):
    done = subprocess.run([str(BIN / command), "--help"], capture_output=True, text=True, check=True)
    if "Usage" not in done.stdout or done.stderr:
        sys.exit(f"{command} --help: unexpected output\n{done.stdout}\n{done.stderr}")
for name in ("torch", "pytest", "mypy"):
    if importlib.util.find_spec(name) is not None:
        sys.exit(f"{name} is installed: this environment is to hold the base install only")
for name in (
    "dejavu_tui.workflows.score",
    "dejavu_tui.workflows.split",
    "dejavu_tui.workflows.calibrate.instrument",
    "dejavu_tui.workflows.browse",
    "dejavu_tui.app",
):
    importlib.import_module(name)
print("the wheel works")
