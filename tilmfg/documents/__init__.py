"""The paper side of the house: frozen contents in, bytes of PDF/A and CSV out.

A small pure package: no models, no clock, no database. It is not a room of the river; every room may
use it, and it knows none of them.
"""

from tilmfg.documents.labels import print_label
from tilmfg.documents.reports import certificate_of_analysis, chain_of_identity_report, record
from tilmfg.documents.spreadsheet import chain_of_identity_csv
from tilmfg.documents.text import UnableToPrint

__all__ = [
    "UnableToPrint",
    "certificate_of_analysis",
    "chain_of_identity_csv",
    "chain_of_identity_report",
    "print_label",
    "record",
]
