"""Write the tables of *Explain your own* as people have them: CSV. Run by ``make data``.

``iris.csv`` holds Fisher's measurements as scikit-learn distributes them, with names for columns
and species. ``messy.csv`` is invented: no person is in it. It has what tables from elsewhere have:
text, gaps, "?" where a number is missing, a column that never varies.
"""

import csv
import io
from collections.abc import Iterable, Sequence

import numpy as np

from qxai import datasets

ROWS, GAPS, MARKS = 40, 2, 3


def as_csv(names: Sequence[str], rows: Iterable[Sequence[object]]) -> bytes:
    """Return rows as CSV with a line of names above."""
    text = io.StringIO()
    csv.writer(text, lineterminator="\n").writerows([names, *rows])
    return text.getvalue().encode()


def iris() -> bytes:
    """Return 150 flowers: four lengths in cm and the species."""
    data = datasets.iris_species()
    rows = ([*measured, species] for measured, species in zip(data.X.tolist(), data.labels))
    return as_csv([*data.feature_names, "species"], rows)


def messy(rng: np.random.Generator) -> bytes:
    """Return invented patients; the disease follows age, cholesterol and sex, with some luck."""
    age = rng.integers(30, 75, ROWS)
    sex = rng.choice(["female", "male"], ROWS)
    pain = rng.choice(["little", "much", "some"], ROWS)
    chol = rng.normal(240, 40, ROWS).round().astype(int)
    vessels = rng.integers(0, 4, ROWS)
    risk = (age - 52) / 12 + (chol - 240) / 60 + np.where(sex == "male", 0.5, -0.5)
    disease = np.where(risk + rng.normal(0, 0.4, ROWS) > 0, "yes", "no")
    gaps, marks = np.split(rng.permutation(ROWS)[: GAPS + MARKS], [GAPS])
    chol_text, vessel_text = chol.astype(str), vessels.astype(str)
    chol_text[gaps], vessel_text[marks] = "", "?"
    columns = (age, sex, pain, chol_text, vessel_text, np.ones(ROWS, int), disease)
    names = ["age", "sex", "pain", "chol", "vessels", "site", "disease"]
    return as_csv(names, zip(*columns))


def main() -> None:
    """Write both tables."""
    for name, content in (("iris.csv", iris()), ("messy.csv", messy(np.random.default_rng(0)))):
        datasets.write_data(name, content)
        print(f"wrote data/{name}")


if __name__ == "__main__":
    main()
