"""What is answered. Times are UTC; a number that decides anything is text, exactly as it was compared."""

from datetime import UTC

from rest_framework import serializers

from tilmfg.records import signature_status
from tilmfg.records.models import Signature
from tilmfg.release.models import Disposition, Evaluation
from tilmfg.release.rules import Outcome
from tilmfg.release.states import DispositionState, LotState


class Moment(serializers.DateTimeField):
    """`2026-11-23T18:05:00Z`, whatever time zone the request is answered in."""

    def __init__(self, **options):
        super().__init__(format="%Y-%m-%dT%H:%M:%SZ", default_timezone=UTC, **options)


class LotQuery(serializers.Serializer):
    """What a list of lots can be asked for."""

    state = serializers.ChoiceField(
        LotState.choices,
        required=False,
        help_text="Only lots in this state.",
        error_messages={
            "invalid_choice": "“{input}” is no state of a lot; it can be " + ", ".join(LotState.values) + "."
        },
    )


class Site(serializers.Serializer):
    code = serializers.CharField()
    name = serializers.CharField()


class Lot(serializers.Serializer):
    """What everybody who may see the lot sees of it."""

    lot_number = serializers.CharField(source="order.lot_number")
    coi_id = serializers.CharField(source="order.coi_id")
    check_character = serializers.CharField(source="order.check_character")
    patient = serializers.CharField(source="order.patient.pseudonym", help_text="Pseudonym.")
    site = Site(source="order.site")
    indication = serializers.CharField(source="order.indication")
    needed_by_date = serializers.DateField(source="order.needed_by_date", allow_null=True)
    state = serializers.ChoiceField(LotState.choices)


class CriterionOutcome(serializers.Serializer):
    code = serializers.CharField()
    outcome = serializers.ChoiceField([(outcome.value, outcome.value) for outcome in Outcome])
    why = serializers.CharField(help_text="One sentence, if it is not a pass.")
    compared = serializers.CharField(help_text="The value as it was held against the limit.")
    result = serializers.IntegerField(allow_null=True)


class LatestEvaluation(serializers.Serializer):
    specification = serializers.CharField(source="specification.code")
    specification_version = serializers.IntegerField(source="specification.version")
    verdict = serializers.ChoiceField(Evaluation.Verdict.choices)
    outcomes = CriterionOutcome(many=True)
    digest = serializers.CharField()
    evaluated_at = Moment()


class Blocker(serializers.Serializer):
    sentence = serializers.CharField()
    who = serializers.CharField(help_text="Who can lift it.")
    on = serializers.DateField(allow_null=True, help_text="When it can be lifted, if that is known.")
    is_failure = serializers.BooleanField()


class LotSignature(serializers.Serializer):
    """A signature on a decision; one that is not valid says why it does not count."""

    printed_name = serializers.CharField(source="signature.printed_name")
    meaning = serializers.ChoiceField(Signature.Meaning.choices, source="signature.meaning")
    meaning_in_words = serializers.CharField(source="signature.get_meaning_display")
    signed_at = Moment(source="signature.signed_at")
    reason = serializers.CharField(source="signature.reason")
    content = serializers.CharField(
        source="signature.content", help_text="What was signed, in canonical JSON, to the byte."
    )
    content_digest = serializers.CharField(
        source="signature.content_digest", help_text="SHA-256 of the content in UTF-8."
    )
    digest = serializers.CharField(
        source="signature.digest",
        help_text="Of the record, its version, the signer and the content's digest.",
    )
    status = serializers.ChoiceField(signature_status.WORDS, source="status.word")
    because = serializers.CharField(source="status.because")
    since = Moment(source="status.since", allow_null=True)


class Decision(serializers.Serializer):
    decision = serializers.ChoiceField(Disposition.Decision.choices, source="disposition.decision")
    standing = serializers.ChoiceField(DispositionState.choices, source="disposition.state")
    void_because = serializers.CharField(source="disposition.void_because")
    signatures = LotSignature(many=True)


class LotOfFacility(Lot):
    """And what only the facility sees: how it stands against its specification, and who signed what."""

    evaluation = LatestEvaluation(allow_null=True)
    blockers = Blocker(many=True)
    decisions = Decision(many=True, help_text="Newest first.")


class Version(serializers.Serializer):
    commit = serializers.CharField(help_text="Empty where it is not known.")
    migrations = serializers.DictField(child=serializers.CharField(), help_text="The last of each room.")
    rules = serializers.CharField(help_text="SHA-256 of the sources that decide.")


class Event(serializers.Serializer):
    name = serializers.CharField()
    actor = serializers.CharField(source="actor.username")
    printed_name = serializers.CharField(source="actor.printed_name")
    recorded_at = Moment()
    subject_kind = serializers.CharField()
    subject_id = serializers.IntegerField()
    from_state = serializers.CharField()
    to_state = serializers.CharField()
    details = serializers.DictField()
