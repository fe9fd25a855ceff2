"""Curves and reference cases that several tests of the numerics use."""

import csv
import json
from pathlib import Path

import numpy as np
import pytest

REFERENCE = Path(__file__).parents[3] / "shared" / "reference"
INSTRUMENTS = Path(__file__).parents[3] / "shared" / "instruments"

needs_reference = pytest.mark.skipif(not REFERENCE.is_dir(), reason="no reference cases beside the project")
needs_instruments = pytest.mark.skipif(
    not INSTRUMENTS.is_dir(), reason="no real instrument files beside the project"
)

ELISA_LEVELS = 2000.0 / 2.5 ** np.arange(8)  # pg/mL, highest first


def expected_of(case):
    return json.loads((REFERENCE / "open" / f"{case}.json").read_text())["expected"]


def table(folder, name):
    with (REFERENCE / folder / f"{name}.csv").open() as file:
        return list(csv.DictReader(file))


def softmax_standards(folder, name):
    """Doses and responses of the unmasked standard wells of a SoftMax plate."""
    rows = [row for row in table(folder, name) if row["role"] == "standard" and row["masked"] != "1"]
    doses = np.array([float(row["conc_pg_ml"]) for row in rows])
    responses = np.array([float(row["od450"]) - float(row["od620"]) for row in rows])
    return doses, responses


def level_means(doses, responses):
    levels = np.unique(doses)
    return levels, np.array([responses[doses == level].mean() for level in levels])


def four_pl(x, a, b, c, d):
    return d + (a - d) / (1 + (np.asarray(x) / c) ** b)


def simulated_plate(seed, replicates=2, cv=0.03, sd=0.004):
    """A real-looking ELISA standard curve: doses, noisy responses, true parameters."""
    rng = np.random.default_rng(seed)
    true = (
        rng.uniform(0.04, 0.10),
        rng.uniform(0.9, 1.5),
        np.exp(rng.normal(np.log(150), 0.3)),
        rng.uniform(2.2, 3.6),
    )
    doses = np.repeat(ELISA_LEVELS, replicates)
    exact = four_pl(doses, *true)
    return (
        doses,
        exact * (1 + cv * rng.standard_normal(len(doses))) + sd * rng.standard_normal(len(doses)),
        true,
    )
