"""Forms with secrets in them: the verb never gets these, but what came of trying them."""

from typing import Any

from django import forms
from django.conf import settings
from django.urls import reverse

from tilmfg.records.forms import VerbForm

from .proof import Proof

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


class ReasonForm(VerbForm):
    """For what an administrator does to somebody else's account."""

    reason = forms.CharField(label="Reason", max_length=400, widget=forms.Textarea(attrs={"rows": 2}))


class ProvenReasonForm(ReasonForm, SigningForm):
    """For what could let one person in as another: whoever does it proves that it is they."""
