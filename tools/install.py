"""Set up ``.venv`` from ``requirements.lock``; a second call without changes does nothing.

Run by the Makefile with the system's Python. Uses the standard library only, because
nothing else is installed yet. ``TFQ=1`` installs TensorFlow Quantum, too, beside what is already
there; ``TFQ=0`` makes an environment without it; without ``TFQ`` none is installed and one that is
there may stay. With ``--bench`` it sets up ``.venv-bench`` from ``benchmarks/requirements.lock``
instead. With ``--print-without-tfq`` it only prints the lock without TensorFlow Quantum, for
Binder.
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


def pinned(environment: Path, requirements: str) -> None:
    """Install what a lock names; what is there in the version that it names is left alone."""
    file = environment / "requirements.txt"
    file.write_text(requirements)
    pip(environment, "--quiet", "--no-deps", "--require-hashes", "--requirement", str(file))


def create(environment: Path, requirements: str) -> None:
    """Make the environment anew, with the project."""
    venv.EnvBuilder(with_pip=True, clear=True, symlinks=True).create(environment)
    pinned(environment, requirements)
    pip(environment, "--quiet", "--no-deps", "--no-build-isolation", "--editable", str(ROOT))


def step(found: str, light: str, full: str, asked: str) -> str:
    """Name what is to be done: nothing, ``add`` TensorFlow Quantum, or ``create``.

    ``found`` is the stamp of the environment, ``light`` and ``full`` are those without and with
    TensorFlow Quantum, and ``asked`` is the variable ``TFQ``.
    """
    if (found == full and asked != "0") or (found == light and asked in ("", "0")):
        return ""
    return "add" if found == light else "create"


def set_up(environment: Path, lock: str, asked: str) -> None:
    """Bring the environment to the wanted state; its stamp is away meanwhile, and written last."""
    light, full, stamp = wanted(lock, False), wanted(lock, True), environment / "installed"
    doing = step(stamp.read_text() if stamp.exists() else "", light, full, asked)
    if not doing:
        return
    stamp.unlink(missing_ok=True)
    with_tfq = asked not in ("", "0")
    what = "TensorFlow Quantum" if doing == "add" else "pinned packages"
    print(f"installing {what} into {environment.name} (some minutes, once) ...", flush=True)
    run = pinned if doing == "add" else create
    run(environment, lock if with_tfq else without_tfq(lock))
    partial = environment / "installed.tmp"
    partial.write_text(full if with_tfq else light)
    partial.replace(stamp)


def main() -> None:
    """Set up the environment that the arguments and ``TFQ`` name."""
    lock = (ROOT / "requirements.lock").read_text()
    if sys.argv[1:] == ["--print-without-tfq"]:
        print(without_tfq(lock), end="")
    elif sys.argv[1:] == ["--bench"]:
        peers = (ROOT / "benchmarks" / "requirements.lock").read_text()
        set_up(ROOT / ".venv-bench", peers, "1")
    else:
        set_up(ROOT / ".venv", lock, os.environ.get("TFQ", ""))


if __name__ == "__main__":
    main()
