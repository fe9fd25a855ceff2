"""What leaves as a file leaves on record."""

from hashlib import sha256

from tilmfg.records.models import Event

from .table import TABLE, each_row

FILES = {
    "records_export",
    "order_report",
    "order_report_csv",
    "label",
    "run_report",
    "control_csv",
    "control_pdf",
    "trend_csv",
    "trend_pdf",
    "document",
    "method_layout_file",
}


@each_row
def test_a_file_leaves_one_event_with_the_digest_of_its_bytes(world, visit, name):
    """Whichever page answers one: a new page that hands out a file past `records.exports` fails here."""
    if name.startswith("api_"):  # tests/architecture/test_exports.py asks these
        return
    for who in sorted(TABLE[name].allowed)[:1]:
        before = Event.objects.filter(name="records.file.exported").count()
        answer = visit(who, TABLE[name].url(name, world.own))
        content = b"".join(answer.streaming_content) if answer.streaming else answer.content
        told = list(Event.objects.filter(name="records.file.exported").order_by("pk"))[before:]
        is_file = "Content-Disposition" in answer
        assert is_file == (name in FILES) == bool(told)
        for event in told:
            assert (event.actor.username, event.chain) == (who, "facility:exports")
            assert event.details["sha256"] == sha256(content).hexdigest()
            assert f'filename="{event.details["file"]}"' in answer["Content-Disposition"]
            assert event.details["kind"]
            assert ("rows" in event.details) == answer["Content-Type"].startswith("text/csv")
        assert len(told) <= 1
