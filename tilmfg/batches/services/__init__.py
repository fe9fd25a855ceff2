"""The verbs of the batch record: technicians perform and verify, QA writes and approves what is to be performed."""

from .batches import start_batch
from .bench import discard_containers, label_containers, scan_container
from .corrections import correct_reading
from .definitions import approve_definition, draft_definition
from .recording import record_step
from .samples import receive_sample
from .verification import verify_step

__all__ = [
    "approve_definition",
    "correct_reading",
    "discard_containers",
    "draft_definition",
    "label_containers",
    "receive_sample",
    "record_step",
    "scan_container",
    "start_batch",
    "verify_step",
]
