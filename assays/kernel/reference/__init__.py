"""Computes folders of reference cases: `python -m assays.kernel.reference CASES_FOLDER ANSWERS.json`.

A case names a task, a table and settings. Its answers come from these alone: nothing is looked up by the
name of a case, and of `expected` only the keys are read, so that a refused task can answer each of them.
"""
