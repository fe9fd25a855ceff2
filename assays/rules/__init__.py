"""Pure decisions of the laboratory on frozen values; no database, no clock."""
