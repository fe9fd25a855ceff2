"""The way from a record's page to its history, for those who read the trail."""

from django import template

from tilmfg.records.trail.readers import may_read

register = template.Library()


@register.inclusion_tag("records/history_link.html", takes_context=True)
def history_link(context, record):
    shown = record is not None and may_read(context["request"].user)
    return {"relation": record._meta.db_table, "key": record.pk} if shown else {}
