"""Forms with secrets in them: the verb never gets these, but what came of trying them."""

from typing import Any

from django import forms

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


class SigningForm(ProvenForm):
    """Signed by whoever is signed in; the first time in a session with a code of the authenticator."""

    secrets, handed_on_as = ("password", "one_time_code"), "credential"

    password = PasswordField(label="Your password")
    one_time_code = CodeField(label="Code of your authenticator")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
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


class ReasonForm(VerbForm):
    """For what an administrator does to somebody else's account."""

    reason = forms.CharField(label="Reason", max_length=400, widget=forms.Textarea(attrs={"rows": 2}))
