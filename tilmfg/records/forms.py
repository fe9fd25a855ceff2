"""Forms whose sending is one verb: what was typed stays, a refusal stands beside its field."""

import uuid

from django import forms
from django.db import IntegrityError, transaction
from django.utils import timezone

from .context import refused_because
from .errors import ChangedMeanwhile, NotAuthorised, NotQualified, UnableTo


class VerbForm(forms.Form):
    """Carries the idempotency key that `once` asks for, and turns a verb's refusal into a field's error."""

    idempotency_key = forms.UUIDField(
        widget=forms.HiddenInput(attrs={"autocomplete": "off"}), initial=uuid.uuid4
    )
    refusal: UnableTo | None = None

    def attempt(self, verb, **arguments):
        """What the verb returns, or None after a refusal, which is then among the form's errors.

        Whoever may not do this at all is told so on a page of its own.
        """
        try:
            with transaction.atomic():
                return verb(**arguments)
        except UnableTo as refusal:
            if isinstance(refusal, NotAuthorised) and not isinstance(refusal, NotQualified):
                raise
            self.refusal = refusal
            refused_because.set(str(refusal))
            self.add_error(refusal.field if refusal.field in self.fields else None, str(refusal))
        except IntegrityError as refusal:
            rule = getattr(getattr(refusal.__cause__, "diag", None), "constraint_name", None) or str(refusal)
            self.add_error(None, f"Not recorded. The database holds this rule: {rule.replace('_', ' ')}.")
        return None

    def show_anew(self):
        """After the record changed: the next attempt is about it as the page shows it now."""
        seen = {name: value for name, value in self.initial.items() if self.fields[name].widget.is_hidden}
        self.data = {name: self.data[name] for name in self.data} | seen

    @property
    def status(self):
        """Of the answer that shows this form: refused for want of training, because the record changed, for another
        reason, or not yet sent."""
        if isinstance(self.refusal, NotQualified):
            return 403
        if isinstance(self.refusal, ChangedMeanwhile):
            return 409
        return 422 if self.is_bound else 200

    @property
    def values(self):
        """The cleaned values without the key."""
        return {name: value for name, value in self.cleaned_data.items() if name != "idempotency_key"}


class MomentField(forms.DateTimeField):
    """When something was done: typed in the time zone of the page, never in the future."""

    def __init__(self, **kwargs):
        kwargs.setdefault(
            "widget", forms.DateTimeInput(attrs={"type": "datetime-local"}, format="%Y-%m-%dT%H:%M")
        )
        kwargs.setdefault("initial", timezone.now)
        super().__init__(**kwargs)

    def clean(self, value):
        moment = super().clean(value)
        if moment and moment > timezone.now():
            here = timezone.localtime(moment)
            raise forms.ValidationError(f"{here:%d %b %Y %H:%M} ({here.tzname()}) is in the future.")
        return moment
