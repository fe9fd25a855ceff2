"""The verbs of release: what a lot must fulfil, how it came out, who decides, what is issued."""

from .dispositions import UnableToDecide, execute_disposition, return_review, sign_disposition, sign_review
from .documents import issue_certificate, issue_report, read_document
from .lots import UnableToEvaluate, evaluate_lot, record_infused
from .specifications import UnableToSpecify, approve_specification, draft_specification
from .trail import UnableToReviewTrail, review_trail

__all__ = [
    "UnableToDecide",
    "UnableToEvaluate",
    "UnableToReviewTrail",
    "UnableToSpecify",
    "approve_specification",
    "draft_specification",
    "evaluate_lot",
    "execute_disposition",
    "issue_certificate",
    "issue_report",
    "read_document",
    "record_infused",
    "return_review",
    "review_trail",
    "sign_disposition",
    "sign_review",
]
