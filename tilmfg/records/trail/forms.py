"""What a person asks of the trail."""

from collections import defaultdict

from django import forms
from django.contrib.auth import get_user_model
from django.db.models import Q

from ..chains import find_chain
from ..models import AuditEvent
from .search import Search, known_words
from .words import relation_in_words, verb_in_words

PEOPLE = 50
EVERYTHING = ("", "Anything")


class AuditSearchForm(forms.Form):
    """Who, what, when, why."""

    who = forms.CharField(required=False, max_length=80, label="Who", help_text="User name or part of a name")
    relation = forms.ChoiceField(required=False, label="Record")
    verb = forms.ChoiceField(required=False, label="What was done")
    why = forms.CharField(required=False, max_length=80, label="Why", help_text="Whole words of the reason")
    chain = forms.CharField(required=False, max_length=80, label="Lot, order or chain")
    since = forms.DateTimeField(
        required=False, label="From", widget=forms.DateTimeInput(attrs={"type": "datetime-local"})
    )
    until = forms.DateTimeField(
        required=False, label="To", widget=forms.DateTimeInput(attrs={"type": "datetime-local"})
    )

    def __init__(self, data):
        super().__init__(data)
        relations = ((word, relation_in_words(word)) for word in known_words("relation"))
        self._offer("relation", sorted(relations, key=lambda choice: choice[1]))
        self._offer("verb", _by_room(known_words("verb")))

    def _offer(self, name, choices):
        field = self.fields[name]
        assert isinstance(field, forms.ChoiceField)  # noqa: S101 (for the type checker)
        field.choices = [EVERYTHING, *choices]

    def clean_chain(self):
        text = self.cleaned_data["chain"].strip()
        chain = find_chain(text) if text else ""
        if chain is None or (chain and not AuditEvent.objects.filter(chain=chain).exists()):
            raise forms.ValidationError(
                f"No lot, order or chain is called “{text}”; write it like TIL-2026-0042."
            )
        return chain

    @property
    def search(self) -> Search:
        """Call on a valid form."""
        asked = dict(self.cleaned_data)
        return Search(actors=usernames(asked.pop("who")), **asked)


def usernames(text: str) -> tuple[str, ...]:
    """Who may be meant; programs that wrote are called as they called themselves."""
    text = text.strip()
    if not text:
        return ()
    people = get_user_model().objects.filter(Q(username=text.lower()) | Q(printed_name__icontains=text))
    return tuple({text.lower(), *people.order_by("username").values_list("username", flat=True)[:PEOPLE]})


def _by_room(verbs):
    rooms = defaultdict(list)
    for verb in verbs:
        rooms[verb.partition(".")[0].capitalize()].append((verb, verb_in_words(verb)))
    return rooms.items()
