"""A value that does not exist, with the reason why."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Missing:
    """Stands where a number should be; never a sentinel, never zero, never NaN."""

    reason: str

    def __post_init__(self) -> None:
        if not self.reason.strip():
            raise ValueError("A missing value needs a reason.")

    def __str__(self) -> str:
        return f"missing: {self.reason}"
