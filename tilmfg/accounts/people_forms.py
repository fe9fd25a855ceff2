"""What is done to the accounts of others, and how they are found."""

import re
from collections.abc import Iterable
from typing import Any

from django import forms

from tilmfg.records.forms import VerbForm

from .forms import TYPED_BY_HAND, ProvenReasonForm, ReasonForm, SigningForm
from .models import AccountReview, IdentityVerification, User
from .roles import Role


class UnlockUserForm(ProvenReasonForm):
    """Carries which lock the administrator was shown; 0 if there was none."""

    lock = forms.IntegerField(widget=forms.HiddenInput)


class DeviceForm(ReasonForm):
    name = forms.CharField(
        label="Name of the tablet",
        max_length=60,
        help_text="As people call it, such as “Cabinet 1”.",
        widget=forms.TextInput(attrs=TYPED_BY_HAND),
    )
    field_order = ("name", "reason")


class LinkForm(ProvenReasonForm):
    """The identifier comes from the person, to whom the provider showed it."""

    subject = forms.CharField(
        label="Identifier at the provider",
        max_length=255,
        help_text="The person reads it to you from the page that single sign-on ended on.",
        widget=forms.TextInput(attrs=TYPED_BY_HAND | {"autocapitalize": "none", "spellcheck": "false"}),
    )
    field_order = ("subject", "reason")


class RegisterForm(SigningForm):
    username = forms.CharField(
        label="User name",
        max_length=40,
        help_text="Never given twice. Lower-case letters, digits, dot, dash, underscore.",
        widget=forms.TextInput(attrs=TYPED_BY_HAND | {"autocapitalize": "none", "spellcheck": "false"}),
    )
    printed_name = forms.CharField(
        label="Printed name", max_length=120, help_text="As it stands beside every signature."
    )
    roles = forms.MultipleChoiceField(
        label="Roles", choices=Role.choices, widget=forms.CheckboxSelectMultiple
    )

    def clean_username(self):
        username = self.cleaned_data["username"].strip().lower()
        User._meta.get_field("username").run_validators(username)
        return username


class PersonSearch(forms.Form):
    q = forms.CharField(label="Name or user name", max_length=120, required=False)

    @property
    def text(self) -> str:
        self.is_valid()
        return self.cleaned_data.get("q", "")


class PeopleForm(PersonSearch):
    """What the list of people shows; anything else shows everybody who is here."""

    state = forms.ChoiceField(choices=[("active", "Here"), ("inactive", "Deactivated")], required=False)

    @property
    def wanted(self) -> dict[str, Any]:
        return {"text": self.text, "active": self.cleaned_data.get("state") != "inactive"}


class VerifyIdentityForm(VerbForm):
    document = forms.ChoiceField(
        label="What you saw",
        choices=IdentityVerification.Document.choices,
        widget=forms.RadioSelect,
        help_text="Which kind of document. Its number is not recorded, and no copy is kept.",
    )


class SeenAccountsField(forms.MultipleChoiceField):
    """Each chosen person with the roles that stood beside them: `olga:technician`."""

    def valid_value(self, value: str) -> bool:
        return bool(re.fullmatch(r"[a-z][a-z0-9._-]{1,39}:[a-z_,]*", value))


class ReviewForm(VerbForm):
    people = SeenAccountsField(
        label="People", error_messages={"required": "Choose at least one person in the list."}
    )
    decision = forms.ChoiceField(
        label="Decision", choices=AccountReview.Decision.choices, widget=forms.RadioSelect
    )
    reason = forms.CharField(
        label="How you know",
        help_text="Such as “Asked the head of the laboratory, who named everybody”.",
        max_length=400,
        widget=forms.Textarea(attrs={"rows": 2}),
    )

    def clean_people(self) -> list[str]:
        chosen: list[str] = self.cleaned_data["people"]
        names = [one.partition(":")[0] for one in chosen]
        found = {
            person.username: person for person in User.objects.filter(username__in=names, is_service=False)
        }
        if unknown := sorted(set(names) - set(found)):
            raise forms.ValidationError(f"“{unknown[0]}” is nobody here.")
        self.found = [found[name] for name in dict.fromkeys(names)]
        return chosen

    @property
    def values(self) -> dict[str, Any]:
        parts = [one.partition(":") for one in self.cleaned_data["people"]]
        seen = {name: [role for role in roles.split(",") if role] for name, _, roles in parts}
        return super().values | {"people": self.found, "seen": seen}


class RevokeForm(ReasonForm):
    role = forms.ChoiceField(label="Role", widget=forms.RadioSelect)
    field_order = ("role", "reason")

    def __init__(self, *args: Any, roles: Iterable[str], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["role"].choices = [(role, Role(role).label) for role in roles]  # type: ignore[attr-defined]


class GrantForm(RevokeForm, ProvenReasonForm):
    """A role is given by who proves that it is they; taken, it lets nobody in."""
