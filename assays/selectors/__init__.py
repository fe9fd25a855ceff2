"""The questions of the laboratory. Its people see every order; sites are not let in."""

from .computations import inputs_digest, masked_in, next_number, why_computed
from .importing import plan_import, samples_named, standing_run
from .methods import form_method_for, form_methods, methods_for
from .pages import (
    computing_key,
    earlier_runs,
    files_to_import,
    instruments,
    last_recalculation,
    results_of_run,
    results_of_sample,
    results_to_review,
    run_with_everything,
    runs,
    runs_of_sample,
    runs_to_review,
    sample_called,
    samples,
    samples_to_receive,
    standing_result,
    work_on,
)

__all__ = [
    "computing_key",
    "earlier_runs",
    "files_to_import",
    "form_method_for",
    "form_methods",
    "inputs_digest",
    "instruments",
    "last_recalculation",
    "masked_in",
    "methods_for",
    "next_number",
    "plan_import",
    "results_of_run",
    "results_of_sample",
    "results_to_review",
    "run_with_everything",
    "runs",
    "runs_of_sample",
    "runs_to_review",
    "sample_called",
    "samples",
    "samples_named",
    "samples_to_receive",
    "standing_result",
    "standing_run",
    "why_computed",
    "work_on",
]
