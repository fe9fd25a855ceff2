"""What people type of their own: to come in, to unlock a tablet, and to change how they prove who they are."""

from typing import Any

from django import forms
from django.contrib.auth.password_validation import validate_password

from tilmfg.records.forms import VerbForm

from .forms import TYPED_BY_HAND, CodeField, PasskeyField, PasswordField, SigningForm, ask_for_factor
from .pins import why_refused


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
