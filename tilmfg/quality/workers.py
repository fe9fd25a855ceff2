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


def workers_of(order_id: int) -> frozenset[int]:
    """Their keys."""
    with connection.cursor() as cursor:
        cursor.execute(WORKERS.format(order="%(order)s"), {"order": order_id})
        return frozenset(key for (key,) in cursor.fetchall() if key is not None)
