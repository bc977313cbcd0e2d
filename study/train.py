"""Train all models of the study. Run by ``make data``."""

import json
import os
from concurrent.futures import ProcessPoolExecutor

from declaration import settings
from models import CIRCUITS, NAME, RIDGE, START, TRAINING, WEIGHT, trained

from data import data_of
from qxai import datasets


def _one(setting):
    return trained(setting, data_of(setting))


def main() -> None:
    """Train over all cores and write one file."""
    chosen, parameters = settings(), {}
    with ProcessPoolExecutor(os.cpu_count()) as pool:
        for number, (setting, found) in enumerate(zip(chosen, pool.map(_one, chosen)), start=1):
            parameters[setting.key] = found
            print(f"{number}/{len(chosen)} {setting.key}", flush=True)
    circuits = {" ".join(names): value for names, value in CIRCUITS.items()}
    used = {"circuits": circuits, **TRAINING, "start": START, "weight": WEIGHT, "ridge": RIDGE}
    lines = [f"  {json.dumps(key)}: {json.dumps(values)}" for key, values in parameters.items()]
    content = f'{{"settings": {json.dumps(used)},\n "parameters": {{\n'
    content += ",\n".join(lines) + "\n }}\n"
    datasets.write_data(NAME, content.encode())
    print(f"wrote data/{NAME}")


if __name__ == "__main__":
    main()
