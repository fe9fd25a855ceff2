"""The record for other programs: read only, to who may open the pages, and no more than those show them."""
