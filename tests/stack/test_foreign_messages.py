"""What is no JSON, put straight onto the queue, is refused and logged; the worker goes on. SEC-17."""

import base64
import json
import pickle
import uuid

import pytest

from tilmfg import heartbeat
from tilmfg.celery import app
from tilmfg.embedded.processes import wait_until


class Planted:
    """Unpickled, it makes a file: whoever made it would have run anything."""

    def __init__(self, path):
        self.path = path

    def __reduce__(self):
        return (open, (str(self.path), "w"))


def lay_down(body: bytes, *, content_type: str):
    """As kombu writes a message, but of another kind."""
    number = str(uuid.uuid4())
    message = {
        "body": base64.b64encode(body).decode(),
        "content-encoding": "binary",
        "content-type": content_type,
        "headers": {"lang": "py", "task": heartbeat.TASK, "id": number, "root_id": number, "retries": 0},
        "properties": {
            "body_encoding": "base64",
            "correlation_id": number,
            "delivery_info": {"exchange": "", "routing_key": app.conf.task_default_queue},
            "delivery_mode": 2,
            "delivery_tag": number,
            "priority": 0,
        },
    }
    with app.connection_for_write() as connection:
        connection.default_channel.client.lpush(app.conf.task_default_queue, json.dumps(message))


def worker_works():
    heartbeat.forget()
    heartbeat.beat_once.delay()
    wait_until(lambda: heartbeat.is_fresh("worker"), seconds=20, problem="The worker works no more.")


@pytest.mark.parametrize("kind", ["application/x-python-serialize", "application/x-yaml"])
def test_it_is_refused_and_logged_and_the_worker_lives_on(start_worker, tmp_path, capfd, kind):
    trap = tmp_path / "trap"
    worker = start_worker("--concurrency", "1")
    text = f"[[], {{}}, !!python/object/apply:builtins.open ['{trap}', 'w']]".encode()
    lay_down(pickle.dumps([[], {}, Planted(trap)]) if "python" in kind else text, content_type=kind)
    worker_works()
    assert not trap.exists()
    assert worker.poll() is None
    [refused] = [line for line in map(json.loads, capfd.readouterr().err.splitlines()) if "error" in line]
    assert refused["error"][0]["type"] == "kombu.exceptions.ContentDisallowed"
    assert refused["event"].startswith("Received invalid task message: %s")
    assert str(trap) not in str(refused)
