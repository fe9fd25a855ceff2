"""Who worked on a lot: performed, verified, entered, confirmed, drew, scanned, took over, measured, read again, masked
or reviewed."""

from django.db import connection

# One question, for the program and for the guards of the database: it asks tables, and imports none of the rooms above
# that keep them. Never less than what the record shows.
WORKERS = """
    SELECT started_by_id FROM batches_batch WHERE order_id = {order}
    UNION SELECT unnest(ARRAY[performed_by_id, verified_by_id]) FROM batches_stepexecution WHERE order_id = {order}
    UNION SELECT unnest(ARRAY[recorded_by_id, confirmed_by_id]) FROM batches_reading WHERE order_id = {order}
    UNION SELECT drawn_by_id FROM batches_sample WHERE order_id = {order}
    UNION SELECT unnest(ARRAY[recorded_by_id, reviewed_by_id]) FROM assays_result WHERE order_id = {order}
    UNION SELECT read_by_id FROM assays_secondreading WHERE order_id = {order}
    UNION SELECT unnest(ARRAY[r.analyst_id, r.reviewed_by_id]) FROM assays_run r
        JOIN assays_mappedsample m ON m.run_id = r.id JOIN batches_sample s ON s.id = m.sample_id
        WHERE s.order_id = {order}
    UNION SELECT k.by_id FROM assays_masking k
        JOIN assays_mappedsample m ON m.run_id = k.run_id JOIN batches_sample s ON s.id = m.sample_id
        WHERE s.order_id = {order}
    UNION SELECT scanned_by_id FROM identity_scan WHERE order_id = {order}
    UNION SELECT unnest(ARRAY[took_id, second_id]) FROM identity_custodyevent WHERE order_id = {order}
"""

# Who had a hand in a result or in a retest of it: measured, read again, masked or reviewed.
LABORATORY = """
    SELECT unnest(ARRAY[t.recorded_by_id, t.reviewed_by_id]) FROM assays_result t
        WHERE {result} IN (t.id, t.retest_of_id)
    UNION SELECT a.read_by_id FROM assays_secondreading a
        JOIN assays_result t ON t.id = a.result_id WHERE {result} IN (t.id, t.retest_of_id)
    UNION SELECT unnest(ARRAY[r.analyst_id, r.reviewed_by_id]) FROM assays_run r
        JOIN assays_result t ON t.run_id = r.id WHERE {result} IN (t.id, t.retest_of_id)
    UNION SELECT k.by_id FROM assays_masking k
        JOIN assays_result t ON t.run_id = k.run_id WHERE {result} IN (t.id, t.retest_of_id)
"""


def workers_of(order_id: int) -> frozenset[int]:
    """Their keys."""
    return _keys(WORKERS.format(order="%s"), order_id)


def laboratory_of(result_id: int) -> frozenset[int]:
    """Their keys."""
    return _keys(LABORATORY.format(result="%s"), result_id)


def _keys(query: str, of: int) -> frozenset[int]:
    with connection.cursor() as cursor:
        cursor.execute(query, [of] * query.count("%s"))
        return frozenset(key for (key,) in cursor.fetchall() if key is not None)
