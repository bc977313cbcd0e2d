"""Put ``data/`` and ``study/`` into a wheel, as ``qxai/data`` and ``qxai/study``.

The repository keeps them outside the library, once. An editable install goes on reading them there.
"""

import shutil
from pathlib import Path

from setuptools import setup
from setuptools.command.build_py import build_py

ROOT = Path(__file__).resolve().parent


class WithData(build_py):
    """Copy the package as usual, and the two folders beside it."""

    def run(self) -> None:
        """Copy; an earlier build's files that are gone since are not kept."""
        super().run()
        if self.editable_mode:
            return
        for name in ("data", "study"):
            target = Path(self.build_lib) / "qxai" / name
            shutil.rmtree(target, ignore_errors=True)
            shutil.copytree(ROOT / name, target, ignore=shutil.ignore_patterns("__pycache__", ".*"))


setup(cmdclass={"build_py": WithData})
