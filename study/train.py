"""Train all circuits of the study. Run by ``make data``; kernels and readouts are solved anew."""

import json
import os
import sys
from concurrent.futures import ProcessPoolExecutor

for name in ("OPENBLAS_NUM_THREADS", "OMP_NUM_THREADS"):
    os.environ[name] = "1"  # circuits train side by side instead

import sites  # noqa: E402 - after the threads are set
from declaration import (  # noqa: E402
    CONVOLUTIONAL,
    ENCODING_FIRST,
    REUPLOADING,
    Setting,
    settings,
)
from models import DEPTH, NAME, START, TRAINING, WIDE, trained  # noqa: E402

from data import data_of  # noqa: E402
from qxai import datasets  # noqa: E402


def one(setting: Setting) -> list[list[float]]:
    """Train the circuit, or circuits, of a setting."""
    if setting.family == CONVOLUTIONAL:
        return sites.trained(setting)
    return trained(setting, data_of(setting))


def main(words: list[str]) -> None:
    """Train over all cores and write one file; with words only settings whose names hold one."""
    families = (ENCODING_FIRST, REUPLOADING, CONVOLUTIONAL)
    chosen = [setting for setting in settings() if setting.family in families]
    kept = json.loads(datasets.read_data(NAME))["parameters"] if words else {}
    wanted = [s for s in chosen if not words or any(word in s.key for word in words)]
    with ProcessPoolExecutor(os.cpu_count()) as pool:
        for number, (setting, found) in enumerate(zip(wanted, pool.map(one, wanted)), start=1):
            kept[setting.key] = found
            print(f"{number}/{len(wanted)} {setting.key}", flush=True)
    depth = {family: dict(by_kind) for family, by_kind in DEPTH.items()} | {"wide": WIDE}
    used = {"circuits": depth, **TRAINING, "start": START}
    lines = [f"  {json.dumps(s.key)}: {json.dumps(kept[s.key])}" for s in chosen if s.key in kept]
    content = f'{{"settings": {json.dumps(used)},\n "parameters": {{\n'
    content += ",\n".join(lines) + "\n }}\n"
    datasets.write_data(NAME, content.encode())
    print(f"wrote data/{NAME}")


if __name__ == "__main__":
    main(sys.argv[1:])
