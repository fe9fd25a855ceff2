"""`benchmarks/run`: measure pages, documents, fits and effects, print the tables and keep them."""

import argparse
import os

os.environ["DJANGO_SETTINGS_MODULE"] = "tests.settings"

import django

django.setup()

from . import curve, documents, fits, outbox, pages, plate, table  # noqa: E402
from .database import empty_facility  # noqa: E402
from .kept import keep  # noqa: E402

parser = argparse.ArgumentParser(prog="benchmarks/run", description=__doc__)
parser.add_argument("--lots", type=int, default=pages.LEAST_LOTS, help="lots in the database (%(default)s)")
lots = parser.parse_args().lots
if lots < pages.LEAST_LOTS:
    parser.error(f"--lots {lots}: a history has at least {pages.LEAST_LOTS} lots.")

with empty_facility() as slot:
    visited = pages.measure(slot, lots=lots)
    promised = outbox.measure()
keep(
    "pages",
    table.in_words(
        lots=lots,
        visited=visited,
        timings=[
            ("A standard curve fitted", "SciPy’s curve_fit", curve.measure()),
            ("A Gen5 plate read", "allotropy alone", plate.measure()),
            ("A label printed and read back", "an empty Typst page", documents.measure_label()),
            ("A certificate made", "an empty Typst page", documents.measure_certificate()),
            ("An effect promised and delivered", "INSERT and UPDATE", promised),
        ],
    ),
)
keep("fits", fits.in_words(fits.measure_curves(), fits.measure_potency()))
