"""Two beats, or one that stood still: the work of a period is done once. REL-14"""

from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from threading import Barrier

import pytest
import time_machine
from celery.beat import Scheduler
from django.db import connection
from django.utils import timezone

from tests.cast import person
from tilmfg.accounts.refusals import note_refusal
from tilmfg.celery import app
from tilmfg.records.anchor_files import anchor_files, new_private_key
from tilmfg.records.models import Effect, Event
from tilmfg.records.outbox import deliver_effect

BEATS = 2


@pytest.mark.django_db(transaction=True)
def test_what_two_beats_ask_for_at_once_is_done_once(settings, tmp_path, mailoutbox):
    settings.TILMFG_ANCHOR_FOLDER, settings.TILMFG_ANCHOR_KEY = str(tmp_path), new_private_key()
    for _ in range(3):
        note_refusal(method="GET", address="/lots/", because="This is done by: QA.", by=person("eve"))
    app.loader.import_default_modules()  # as a worker does when it begins
    start = Barrier(BEATS)

    def beat(_):
        try:
            for entry in settings.CELERY_BEAT_SCHEDULE.values():
                start.wait()
                app.tasks[entry["task"]]()
        finally:
            connection.close()

    with time_machine.travel(timezone.now() + timedelta(days=181)), ThreadPoolExecutor(BEATS) as beats:
        for _ in range(2):
            list(beats.map(beat, range(BEATS)))
        told = Counter(Event.objects.values_list("name", flat=True))
        assert (told["accounts.user.refused_often"], told["accounts.reviews.due"]) == (1, 1)
        assert len(anchor_files(tmp_path)) <= 2  # a run that crosses into the next ten minutes writes two
        [reminder] = Effect.objects.all()
        for _ in range(BEATS):
            deliver_effect(effect_id=reminder.pk)
    assert len(mailoutbox) == 1


def test_a_beat_that_stood_still_for_an_hour_asks_for_each_work_once(settings):
    """Not once for each period that it missed."""
    sent = Counter()

    class Beat(Scheduler):
        producer = None  # nothing is sent anywhere

        def apply_async(self, entry, **_):
            self.reserve(entry)
            sent[entry.name] += 1

    beat = Beat(app)
    beat.update_from_dict(settings.CELERY_BEAT_SCHEDULE)
    for entry in beat.schedule.values():
        entry.last_run_at = timezone.now() - timedelta(hours=1)
    for _ in range(10 * len(beat.schedule)):
        beat.tick()
    assert sent == dict.fromkeys(settings.CELERY_BEAT_SCHEDULE, 1)
