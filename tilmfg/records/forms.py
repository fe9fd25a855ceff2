"""Forms whose sending is one verb: what was typed stays, a refusal stands beside its field."""

import uuid

from django import forms
from django.db import IntegrityError, transaction

from .errors import NotAuthorised, UnableTo


class VerbForm(forms.Form):
    """Carries the idempotency key that `once` asks for, and turns a verb's refusal into a field's error."""

    idempotency_key = forms.UUIDField(widget=forms.HiddenInput, initial=uuid.uuid4)

    def attempt(self, verb, **arguments):
        """What the verb returns, or None after a refusal, which is then among the form's errors."""
        try:
            with transaction.atomic():
                return verb(**arguments)
        except NotAuthorised:
            raise
        except UnableTo as refusal:
            self.add_error(refusal.field if refusal.field in self.fields else None, str(refusal))
        except IntegrityError as refusal:
            rule = getattr(getattr(refusal.__cause__, "diag", None), "constraint_name", None) or str(refusal)
            self.add_error(None, f"Not recorded. The database holds this rule: {rule.replace('_', ' ')}.")
        return None

    @property
    def values(self):
        """The cleaned values without the key."""
        return {name: value for name, value in self.cleaned_data.items() if name != "idempotency_key"}
