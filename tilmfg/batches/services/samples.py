"""A sample arrives at the laboratory."""

from tilmfg.accounts.models import User
from tilmfg.accounts.roles import Role
from tilmfg.accounts.verbs import verb
from tilmfg.records.errors import UnableTo, require
from tilmfg.records.states import advance

from ..models import Sample
from ..states import SAMPLE, SampleState


class UnableToReceiveSample(UnableTo):
    """The sample is not taken over."""


@verb("batches.sample.receive", roles=(Role.ANALYST,))
def receive_sample(*, sample: Sample, by: User) -> Sample:
    require(
        sample.state == SampleState.DRAWN,
        UnableToReceiveSample(f"{sample} has been received by the laboratory already."),
    )
    advance(sample, machine=SAMPLE, event="batches.sample.received", by=by, details={"name": sample.name})
    return sample
