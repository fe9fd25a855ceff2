"""Labels are printed, applied or destroyed; each paper is accounted for."""

import hashlib

from django.utils import timezone

from tilmfg.accounts.models import User
from tilmfg.accounts.roles import Role
from tilmfg.accounts.verbs import verb
from tilmfg.documents import print_label as print_on_paper
from tilmfg.records.errors import UnableTo, require
from tilmfg.records.events import publish
from tilmfg.records.states import advance

from ..label_content import TEMPLATE, label_content
from ..models import Container, Label
from ..states import LABEL, ContainerState
from .locking import lock, require_under_way

LABELLERS = (Role.TECHNICIAN, Role.IDENTITY_ADMINISTRATOR)
WITHOUT_LABELS = (ContainerState.CONSUMED, ContainerState.INFUSED, ContainerState.DESTROYED)


class UnableToLabel(UnableTo):
    """No label was printed, applied or destroyed."""


@verb("identity.label.print", roles=LABELLERS)
def print_label(*, container: Container, by: User, reason: str = "") -> tuple[Label, bytes]:
    """The label and its PDF, read back from its picture before it counts; printing again needs a reason."""
    order = lock(container.order)
    require_under_way(order, UnableToLabel)
    require(
        container.state not in WITHOUT_LABELS,
        UnableToLabel(f"{container} is {container.get_state_display().lower()}; it gets no label any more."),
    )
    copy = container.labels.count() + 1
    require(
        copy == 1 or reason.strip(),
        UnableToLabel(
            f"The label of {container} has been printed already. Say why it is printed again.", field="reason"
        ),
    )
    printed = print_on_paper(label_content(container, copy=copy, printed_at=timezone.now()))
    label = Label.objects.create(
        order=order,
        container=container,
        copy=copy,
        reprint_reason=reason.strip() if copy > 1 else "",
        template=TEMPLATE,
        payload=printed.payload,
        decoded=printed.decoded,
        pdf=printed.pdf,
        pdf_digest=hashlib.sha256(printed.pdf).hexdigest(),
        printed_by=by,
    )
    publish(
        "identity.label.printed",
        subject=label,
        kind=LABEL.kind,
        by=by,
        to_state=label.state,
        details={"code": container.code, "copy": copy, "reason": label.reprint_reason},
    )
    return label, printed.pdf


@verb("identity.label.apply", roles=LABELLERS)
def apply_label(*, label: Label, by: User) -> Label:
    """The paper is on its container."""
    require_under_way(lock(label.order), UnableToLabel)
    return account_for(label, "identity.label.applied", by=by)


@verb("identity.label.destroy", roles=LABELLERS)
def destroy_label(*, label: Label, by: User) -> Label:
    """The paper is destroyed unused; a stopped order's labels are destroyed too."""
    lock(label.order)
    return account_for(label, "identity.label.destroyed", by=by)


def account_for(label: Label, event: str, *, by: User) -> Label:
    advance(
        label,
        machine=LABEL,
        event=event,
        by=by,
        details={"code": label.container.code, "copy": label.copy},
    )
    return label
