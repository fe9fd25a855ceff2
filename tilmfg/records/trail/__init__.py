"""The audit trail as people search it, read it and take it away. Reading only; there is nothing here to change."""
