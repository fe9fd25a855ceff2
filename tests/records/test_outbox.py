"""A promised effect happens once, however often it is delivered, and is tried again after a failure."""

import pytest
from django.db import IntegrityError
from django.utils import timezone

from tests.raw_sql import refused, run
from tilmfg.records import outbox
from tilmfg.records.models import Effect

pytestmark = pytest.mark.django_db


@pytest.fixture
def done(monkeypatch):
    done = []
    monkeypatch.setitem(outbox._tasks, "tests.note", lambda *, word: done.append(word))
    return done


def test_it_happens_once_however_often_it_is_delivered(done):
    effect = outbox.promise("tests.note", key="1", word="once")
    for _ in range(5):
        outbox.deliver_effect(effect_id=effect.pk)
    assert done == ["once"]


def test_the_same_key_promised_twice_is_one_effect(done):
    assert outbox.promise("tests.note", key="1", word="a") == outbox.promise("tests.note", key="1", word="b")


def test_a_failure_is_remembered_and_tried_later(monkeypatch):
    def fail(*, word):
        raise ValueError(word)

    monkeypatch.setitem(outbox._tasks, "tests.note", fail)
    effect = outbox.promise("tests.note", key="1", word="broken")
    for _ in range(2):
        with pytest.raises(ValueError, match="broken"):
            outbox.deliver_effect(effect_id=effect.pk)
    effect.refresh_from_db()
    assert (effect.attempts, effect.done_at, effect.last_error) == (2, None, "ValueError: broken")
    assert effect.next_try_at > timezone.now()
    assert effect.pk not in outbox.due_effects()


def test_of_what_the_database_refused_code_and_constraint_are_kept_and_not_the_row(monkeypatch):
    """SEC-14"""

    def fail(*, word):
        Effect.objects.create(key=word, task="tests.note", arguments={}, next_try_at=timezone.now())

    monkeypatch.setitem(outbox._tasks, "tests.note", fail)
    effect = outbox.promise("tests.note", key="1", word="tests.note:1")
    with pytest.raises(IntegrityError, match=r"Key \(key\)=\(tests.note:1\) already exists"):
        outbox.deliver_effect(effect_id=effect.pk)
    effect.refresh_from_db()
    assert effect.last_error == "IntegrityError (23505, records_effect_key_key)"


def test_the_sweeper_finds_what_was_never_delivered(done):
    effect = outbox.promise("tests.note", key="1", word="lost")
    Effect.objects.filter(pk=effect.pk).update(next_try_at=timezone.now())
    assert list(outbox.due_effects()) == [effect.pk]


def test_the_database_lets_an_effect_be_done_once_and_only_after_a_try(done):
    for effect, statement in (
        ("promised", "UPDATE records_effect SET done_at = now()"),
        (
            "promised",
            "UPDATE records_effect SET done_at = now() - interval '1 hour', attempts = attempts + 1",
        ),
        ("promised", "UPDATE records_effect SET attempts = attempts + 2"),
        ("promised", "UPDATE records_effect SET attempts = attempts - 1"),
        ("promised", "UPDATE records_effect SET arguments = '{}'"),
        ("done", "UPDATE records_effect SET done_at = NULL"),
        ("done", "UPDATE records_effect SET done_at = now(), attempts = attempts + 1"),
    ):
        row = outbox.promise("tests.note", key=f"{effect}, {statement}", word="")
        if effect == "done":
            outbox.deliver_effect(effect_id=row.pk)
        else:
            outbox.postpone(effect_id=row.pk, problem=ValueError("not yet"))
        with refused("effects_are_done_once"):
            run(f"{statement} WHERE id = %s", row.pk)
    columns = "key, task, arguments, promised_at, next_try_at, done_at, attempts, last_error"
    with refused("effects_are_done_once: it is promised first"):
        run(f"INSERT INTO records_effect ({columns}) VALUES ('x', 'x', '{{}}', now(), now(), now(), 0, '')")
