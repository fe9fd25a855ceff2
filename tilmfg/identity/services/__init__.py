"""The verbs about identity: orders, containers, labels, scans, receipt, the vault, the report."""

from .containers import UnableToChangeContainer, consume, fill, label_containers, store
from .labels import UnableToLabel, apply_label, destroy_label, print_label
from .locking import ENDED
from .orders import UnableToPlaceOrder, place_order
from .receipt import UnableToReceive, receive_tumor
from .report import issue_chain_of_identity_report
from .resumption import DECIDERS, UnableToResume, require_resumable, resume_order
from .scans import UnableToReadScan, record_scan, stop_order
from .vault_readings import read_vault, read_wristband

__all__ = [
    "DECIDERS",
    "ENDED",
    "UnableToChangeContainer",
    "UnableToLabel",
    "UnableToPlaceOrder",
    "UnableToReadScan",
    "UnableToReceive",
    "UnableToResume",
    "apply_label",
    "consume",
    "destroy_label",
    "fill",
    "issue_chain_of_identity_report",
    "label_containers",
    "place_order",
    "print_label",
    "read_vault",
    "read_wristband",
    "receive_tumor",
    "record_scan",
    "require_resumable",
    "resume_order",
    "stop_order",
    "store",
]
