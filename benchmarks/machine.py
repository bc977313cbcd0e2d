"""What a row of a benchmark says about where it was measured."""

import os
import platform
from pathlib import Path

from threadpoolctl import threadpool_info


def described() -> dict[str, str]:
    """Return the processor, the cores offered, and NumPy's BLAS with its threads."""
    blas = next(found for found in threadpool_info() if found["user_api"] == "blas")
    return {
        "machine": f"{_processor()}, {len(os.sched_getaffinity(0))} cores",
        "blas": f"{blas['internal_api']} {blas['version']}",
        "threads": str(blas["num_threads"]),
    }


def _processor() -> str:
    """Return the processor's name; the kernel's, where it tells one."""
    known = Path("/proc/cpuinfo")
    lines = known.read_text().splitlines() if known.exists() else []
    names = (line.split(":")[1].strip() for line in lines if line.startswith("model name"))
    return next(names, platform.processor() or platform.machine())
