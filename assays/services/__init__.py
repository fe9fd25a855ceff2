"""The verbs of the laboratory."""

from .computing import compute_run, try_again
from .controls import (
    approve_value,
    end_control_lot,
    propose_value,
    put_in_use,
    register_control_lot,
)
from .files import store_file
from .imports import import_run
from .masking import mask_wells, unmask_wells
from .methods import (
    approve_method,
    discard_method,
    draft_method,
    edit_method,
    withdraw_method,
)
from .mismatches import note_mismatch
from .recalculating import recalculate_run
from .reports import issue_run_report
from .results import record_result
from .reviews import reject_run, review_result, review_run
from .second_readings import read_again

__all__ = [
    "approve_method",
    "approve_value",
    "compute_run",
    "discard_method",
    "draft_method",
    "edit_method",
    "end_control_lot",
    "import_run",
    "issue_run_report",
    "mask_wells",
    "note_mismatch",
    "propose_value",
    "put_in_use",
    "read_again",
    "recalculate_run",
    "record_result",
    "register_control_lot",
    "reject_run",
    "review_result",
    "review_run",
    "store_file",
    "try_again",
    "unmask_wells",
    "withdraw_method",
]
