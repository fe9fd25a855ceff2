"""The record for other programs: read only, to who may open the pages, no more than those show them, and on record."""
