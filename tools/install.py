"""Set up ``.venv`` from ``requirements.lock``; a second call without changes does nothing.

Run by the Makefile with the system's Python. Uses the standard library only, because
nothing else is installed yet. ``TFQ=0`` leaves TensorFlow Quantum out. With ``--bench`` it sets
up ``.venv-bench`` from ``benchmarks/requirements.lock`` instead. With ``--print-without-tfq`` it
only prints the lock without TensorFlow Quantum, for Binder.
"""

import hashlib
import json
import os
import platform
import subprocess
import sys
import venv
from pathlib import Path

if not (3, 11) <= sys.version_info[:2] <= (3, 12):
    sys.exit(
        f"error: qxai needs Python 3.11 or 3.12, found {platform.python_version()}; "
        "run make PYTHON=/path/to/python3.11"
    )

import tomllib  # not there before Python 3.11

ROOT = Path(__file__).resolve().parent.parent
# The lock gives this marker to TensorFlow Quantum and what only it needs.
TFQ_MARKER = "platform_machine == 'x86_64' and sys_platform == 'linux'"


def without_tfq(lock: str) -> str:
    """Return the lock's text without the requirements that only TensorFlow Quantum needs."""
    kept, dropping = [], False
    for line in lock.splitlines(keepends=True):
        if line[0] not in " #":
            dropping = TFQ_MARKER in line and " or " not in line
        if not dropping:
            kept.append(line)
    return "".join(kept)


def wanted(lock: str, tfq: bool) -> str:
    """Name the state that the environment should be in."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    parts = [platform.python_version(), tfq, project, lock, str(ROOT)]
    return hashlib.sha256(json.dumps(parts).encode()).hexdigest()


def pip(environment: Path, *arguments: str) -> None:
    """Run pip inside the environment, and stop with its exit code if it fails."""
    python = environment / "bin" / "python"
    command = [python, "-m", "pip", "--disable-pip-version-check", "install", *arguments]
    result = subprocess.run([str(part) for part in command])
    if result.returncode:
        sys.exit(
            f"error: could not install into {environment.name}; mend what pip reports, run again"
        )


def install(environment: Path, requirements: str, state: str) -> None:
    """Create the environment and fill it; the stamp is written last."""
    venv.EnvBuilder(with_pip=True, clear=True, symlinks=True).create(environment)
    pinned = environment / "requirements.txt"
    pinned.write_text(requirements)
    pip(environment, "--quiet", "--no-deps", "--require-hashes", "--requirement", str(pinned))
    pip(environment, "--quiet", "--no-deps", "--no-build-isolation", "--editable", str(ROOT))
    partial = environment / "installed.tmp"
    partial.write_text(state)
    partial.replace(environment / "installed")


def main() -> None:
    """Install unless the stamp says that the wanted state is already there."""
    lock = (ROOT / "requirements.lock").read_text()
    if sys.argv[1:] == ["--print-without-tfq"]:
        print(without_tfq(lock), end="")
        return
    environment, tfq = ROOT / ".venv", os.environ.get("TFQ", "1") != "0"
    if sys.argv[1:] == ["--bench"]:
        environment, tfq = ROOT / ".venv-bench", True
        lock = (ROOT / "benchmarks" / "requirements.lock").read_text()
    state, stamp = wanted(lock, tfq), environment / "installed"
    if stamp.exists() and stamp.read_text() == state:
        return
    print(
        f"installing pinned packages into {environment.name} (some minutes, once) ...", flush=True
    )
    install(environment, lock if tfq else without_tfq(lock), state)


if __name__ == "__main__":
    main()
