"""The questions that read."""

from .dossier import dossier_of, lots
from .listing import choices, lot_at_site, lot_of, lots_page
from .pages import LotRecord, changes_since, document_of, lot_record

__all__ = [
    "LotRecord",
    "changes_since",
    "choices",
    "document_of",
    "dossier_of",
    "lot_at_site",
    "lot_of",
    "lot_record",
    "lots",
    "lots_page",
]
