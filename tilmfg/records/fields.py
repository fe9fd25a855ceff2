"""Model fields whose value is the database's, not the program's."""

from django.db import models
from django.db.models.expressions import DatabaseDefault
from django.db.models.functions import Now


class RecordedAt(models.DateTimeField):
    """When the row was written, by the database clock; a value set in Python is ignored."""

    db_returning = True

    def __init__(self, *args, **kwargs):
        kwargs.update(db_default=Now(), editable=False)
        super().__init__(*args, **kwargs)

    def deconstruct(self):
        name, path, args, kwargs = super().deconstruct()
        del kwargs["db_default"], kwargs["editable"]
        return name, path, args, kwargs

    def pre_save(self, model_instance, add):
        return DatabaseDefault(Now(), output_field=self) if add else super().pre_save(model_instance, add)
