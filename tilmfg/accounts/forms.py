"""Forms with secrets in them: the verb never gets these, but what came of trying them."""

import re
from collections.abc import Iterable
from datetime import timedelta
from typing import Any

from django import forms
from django.conf import settings
from django.contrib.auth.password_validation import validate_password
from django.urls import reverse

from tilmfg.records.days import facility_today
from tilmfg.records.forms import VerbForm

from .models import AccountReview, IdentityVerification, User
from .pins import why_refused
from .proof import Proof
from .roles import Role
from .training import known_codes

A_YEAR = timedelta(days=365)
TYPED_BY_HAND = {"autocomplete": "off"}


class PasswordField(forms.CharField):
    def __init__(self, **kwargs: Any) -> None:
        super().__init__(strip=False, widget=forms.PasswordInput(attrs=TYPED_BY_HAND), **kwargs)


class ProvenForm(VerbForm):
    """`secrets` are the fields that were tried before, and come last; the verb gets `handed_on_as` in their place."""

    secrets: tuple[str, ...]
    handed_on_as: str

    def __init__(self, *args: Any, proof: Proof, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.proof = proof
        self.order_fields([*(name for name in self.fields if name not in self.secrets), *self.secrets])

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or self.cleaned_data
        if refusal := self.proof.refusal:
            self.add_error(refusal.field if refusal.field in self.fields else None, str(refusal))
        return cleaned

    @property
    def values(self) -> dict[str, Any]:
        kept = {name: value for name, value in super().values.items() if name not in self.secrets}
        return kept | {self.handed_on_as: self.proof}


class CodeField(forms.CharField):
    """Of the authenticator app."""

    def __init__(self, **kwargs: Any) -> None:
        attrs = {"autocomplete": "one-time-code", "inputmode": "numeric", "spellcheck": "false"}
        super().__init__(max_length=20, widget=forms.TextInput(attrs=attrs), **kwargs)


class PasskeyInput(forms.HiddenInput):
    """Filled by passkeys.js with what the browser answered, which counts once: it is never shown again."""

    def get_context(self, name: str, value: Any, attrs: dict[str, Any] | None) -> dict[str, Any]:
        offered = {"data-passkey": reverse("passkey_ask"), "data-origin": settings.TILMFG_ORIGIN}
        return super().get_context(name, None, (attrs or {}) | offered)


class PasskeyField(forms.CharField):
    def __init__(self, **kwargs: Any) -> None:
        super().__init__(widget=PasskeyInput(attrs=TYPED_BY_HAND), required=False, **kwargs)


def ask_for_factor(form: forms.BaseForm, *, takes_passkey: bool) -> None:
    """A passkey is offered to who has one, and then stands for the code."""
    if not takes_passkey:
        del form.fields["passkey"]
    elif form.data.get("passkey"):
        form.fields["one_time_code"].required = False


class SigningForm(ProvenForm):
    """Signed by whoever is signed in; the first time in a session with a code of the authenticator, or a passkey."""

    secrets, handed_on_as = ("password", "one_time_code", "passkey"), "credential"

    password = PasswordField(label="Your password")
    one_time_code = CodeField(label="Code of your authenticator")
    passkey = PasskeyField()

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        ask_for_factor(self, takes_passkey=self.proof.takes_passkey)
        if not self.proof.asks_code:
            del self.fields["one_time_code"]


class TogetherForm(ProvenForm):
    """Done by two: the second person gives name and secret here, where the first one is signed in."""

    secrets, handed_on_as = ("second_username", "second_password"), "second"

    second_username = forms.CharField(
        label="Name of the second person", max_length=40, widget=forms.TextInput(attrs=TYPED_BY_HAND)
    )
    second_password = PasswordField(label="Their password")


class SignInForm(forms.Form):
    """Labels as the browser's password store looks for them."""

    username = forms.CharField(
        label="Username",
        max_length=150,
        widget=forms.TextInput(
            attrs={"autocomplete": "username", "autocapitalize": "none", "spellcheck": "false"}
        ),
    )
    password = forms.CharField(
        label="Password", strip=False, widget=forms.PasswordInput(attrs={"autocomplete": "current-password"})
    )


class CodeForm(forms.Form):
    one_time_code = CodeField(label="Code")


class SignInFactorForm(CodeForm):
    """The second half of signing in."""

    passkey = PasskeyField()

    def __init__(self, *args: Any, takes_passkey: bool, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        ask_for_factor(self, takes_passkey=takes_passkey)


class PinField(forms.CharField):
    def __init__(self, **kwargs: Any) -> None:
        attrs = TYPED_BY_HAND | {"inputmode": "numeric"}
        super().__init__(max_length=12, widget=forms.PasswordInput(attrs=attrs), **kwargs)


class UnlockForm(forms.Form):
    """By hand in gloves: one scan and six digits."""

    badge = forms.CharField(
        label="Scan your badge",
        max_length=120,
        widget=forms.PasswordInput(attrs=TYPED_BY_HAND | {"data-badge": "", "spellcheck": "false"}),
    )
    pin = PinField(label="Your PIN")


class ChoosePinForm(SigningForm):
    pin = PinField(label="New PIN", help_text="Six to twelve digits that others would not guess.")
    pin_again = PinField(label="New PIN again")

    def clean_pin(self):
        if why := why_refused(self.cleaned_data["pin"]):
            raise forms.ValidationError(why)
        return self.cleaned_data["pin"]

    def clean_pin_again(self):
        if "pin" in self.cleaned_data and self.cleaned_data["pin_again"] != self.cleaned_data["pin"]:
            raise forms.ValidationError("This is not what you typed above.")
        return self.cleaned_data["pin_again"]

    @property
    def values(self) -> dict[str, Any]:
        return {"pin": self.cleaned_data["pin"], "credential": self.proof}


class ReasonForm(VerbForm):
    """For what an administrator does to somebody else's account."""

    reason = forms.CharField(label="Reason", max_length=400, widget=forms.Textarea(attrs={"rows": 2}))


class ProvenReasonForm(ReasonForm, SigningForm):
    """For what could let one person in as another: whoever does it proves that it is they."""


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


class NewPassword(forms.Form):
    """Typed twice. Whether it is like the person's name is asked by the verb, which knows the person."""

    new_password = PasswordField(
        label="New password", help_text="15 characters or more, and nothing that others would guess."
    )
    again = PasswordField(label="New password again")

    def clean_new_password(self):
        validate_password(self.cleaned_data["new_password"])
        return self.cleaned_data["new_password"]

    def clean_again(self):
        if self.cleaned_data["again"] != self.cleaned_data.get("new_password"):
            raise forms.ValidationError("This is not what you typed above.")
        return self.cleaned_data["again"]


class InvitedForm(NewPassword, VerbForm):
    username = forms.CharField(
        label="Username", max_length=150, widget=forms.TextInput(attrs={"autocomplete": "username"})
    )
    invitation = forms.CharField(
        label="Invitation",
        max_length=60,
        help_text="The words that you were handed.",
        widget=forms.TextInput(attrs=TYPED_BY_HAND | {"spellcheck": "false"}),
    )
    field_order = ("username", "invitation", "new_password", "again")


class ChangePasswordForm(NewPassword, SigningForm):
    @property
    def values(self) -> dict[str, Any]:
        return {"password": self.cleaned_data["new_password"], "credential": self.proof}


def codes_to_choose() -> list[tuple[str, str]]:
    return [("", "Choose …"), *((code, code) for code in known_codes())]


class QualificationForm(VerbForm):
    """What for, how long, and on what evidence."""

    code = forms.ChoiceField(label="Qualified for", choices=codes_to_choose)
    from_date = forms.DateField(
        label="From", widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d")
    )
    until_date = forms.DateField(
        label="Until", widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d")
    )
    reason = forms.CharField(
        label="Evidence",
        help_text="The training, its record, the examination.",
        max_length=400,
        widget=forms.Textarea(attrs={"rows": 2}),
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        today = facility_today()
        self.fields["from_date"].initial = today
        self.fields["until_date"].initial = today + A_YEAR


class AcknowledgeForm(VerbForm):
    """Carries which version the person read."""

    version = forms.IntegerField(widget=forms.HiddenInput)

    @property
    def values(self) -> dict[str, Any]:
        return {"version": self.cleaned_data["version"]}


class StatementForm(VerbForm):
    text = forms.CharField(label="Text of the new version", widget=forms.Textarea(attrs={"rows": 14}))
    reason = forms.CharField(
        label="What changes and why", max_length=400, widget=forms.Textarea(attrs={"rows": 2})
    )


class AddPasskeyForm(SigningForm):
    """The new key was made before the form is sent; whoever adds it proves all of who they are."""

    name = forms.CharField(
        label="Name of the device or key",
        max_length=60,
        help_text="So that you know it again, such as “Blue key on my badge”.",
        widget=forms.TextInput(attrs=TYPED_BY_HAND),
    )
    new_passkey = forms.CharField(
        widget=forms.HiddenInput(attrs=TYPED_BY_HAND),
        error_messages={"required": "Have your device make the passkey first, with the button below."},
    )
