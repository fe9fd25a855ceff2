"""Proof that the records are what the application wrote.

Six questions, each a module: are the chains whole, does every row equal its last event, is whoever acts somebody, are
the signatures intact, does what was anchored outside still stand here, and are tables, triggers, functions and rights
as declared. Nothing in here writes, and nothing trusts a function of the database: what is stored is read and computed
again.
"""
