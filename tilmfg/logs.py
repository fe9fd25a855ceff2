"""Logs: one JSON object a line on standard error, in UTC, with the request or task, who acts and by which verb.

More people read logs than records, so nothing of a patient may come into one. What a library or an exception says may
hold what somebody typed, or a row. So a library's line stands here as its template, without what was to be filled in;
one that was put together beforehand only as its place. Of an exception there are type, places passed, the database's
code and constraint: never its words, its parameters, or values of variables.
"""

import json
import logging
import logging.config
import os
import sys
import threading
import warnings
from datetime import UTC, datetime
from traceback import walk_tb

import structlog
from django.core.exceptions import ImproperlyConfigured
from gunicorn.glogging import Logger
from structlog.contextvars import get_contextvars

# Their words are about how the program is set up, and come from those who did it.
ABOUT_THE_SET_UP = (ImproperlyConfigured, ImportError)
CAUSES, PLACES = 5, 25  # at most told of one exception


def begin(settings: dict[str, str]) -> None:
    """Django's LOGGING_CONFIG; what Django has set up by default, mail to administrators included, goes."""
    ours = {name: {"level": settings["level"].upper()} for name in ("tilmfg", "assays", "gunicorn.error")}
    unheard = {"django": {"handlers": []}, "django.server": {"handlers": [], "propagate": True}}
    logging.config.dictConfig(
        {
            "version": 1,
            "disable_existing_loggers": False,
            "formatters": {"lines": {"()": Lines}},
            "filters": {"broken": {"()": Broken}},
            "handlers": {
                "stderr": {
                    "class": "logging.StreamHandler",
                    "stream": sys.__stderr__,  # Celery puts a logger in the place of sys.stderr
                    "formatter": "lines",
                }
            },
            "root": {"handlers": ["stderr"], "level": "WARNING"},
            # The request's own line tells how it was answered (records.middleware), this one what broke.
            "loggers": ours | unheard | {"django.request": {"level": "ERROR", "filters": ["broken"]}},
        }
    )
    logging.raiseExceptions = False  # a line that cannot be written is not printed in another way
    structlog.configure(
        processors=[structlog.stdlib.filter_by_level, hand_over],
        wrapper_class=structlog.stdlib.BoundLogger,
        logger_factory=structlog.stdlib.LoggerFactory(),
    )
    warnings.showwarning = tell_warning
    if not sys.__stderr__ or not sys.__stderr__.isatty():  # somebody at a terminal is shown what Python says
        sys.excepthook = lambda kind, error, trace: tell_uncaught(error)
        threading.excepthook = lambda uncaught: tell_uncaught(uncaught.exc_value)
        sys.unraisablehook = lambda uncaught: tell_uncaught(uncaught.exc_value)


def hand_over(_, __, event_dict):
    """From structlog to logging, where lines of libraries come from too."""
    return (event_dict,), {"exc_info": event_dict.pop("exc_info", None)}


class Lines(logging.Formatter):
    def format(self, record: logging.LogRecord) -> str:
        told: dict[str, object] = {
            "at": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname.lower(),
            "logger": record.name,
            "pid": record.process,
        }
        told |= get_contextvars() | said(record)
        if record.exc_info and record.exc_info[1]:
            told["error"] = errors(record.exc_info[1])
        return json.dumps(told, default=lambda value: type(value).__name__)


class Broken(logging.Filter):
    def filter(self, record: logging.LogRecord) -> bool:
        return bool(record.exc_info)


def said(record: logging.LogRecord) -> dict[str, object]:
    if isinstance(record.msg, dict):  # ours
        return record.msg
    is_template = record.args and isinstance(record.msg, str)
    return {
        "event": record.msg if is_template else record.name,
        "place": f"{record.pathname}:{record.lineno}",
    }


def errors(error: BaseException | None) -> list[dict[str, object]]:
    """The exception and what it came from."""
    told: list[dict[str, object]] = []
    while error is not None and len(told) < CAUSES:
        told.append(told_of(error))
        error = error.__cause__ or (None if error.__suppress_context__ else error.__context__)
    return told


def told_of(error: BaseException) -> dict[str, object]:
    kind = type(error)
    told: dict[str, object] = {"type": f"{kind.__module__}.{kind.__qualname__}"}
    if sqlstate := getattr(error, "sqlstate", None):
        told["sqlstate"] = sqlstate
        diagnosis = getattr(error, "diag", None)
        told |= {
            word: value
            for word in ("schema_name", "table_name", "column_name", "constraint_name")
            if (value := getattr(diagnosis, word, None))
        }
    if isinstance(error, OSError) and error.errno:
        told["says"] = os.strerror(error.errno)
    if isinstance(error, ABOUT_THE_SET_UP):
        told["says"] = str(error)
    places = [
        f"{frame.f_code.co_filename}:{line} {frame.f_code.co_name}"
        for frame, line in walk_tb(error.__traceback__)
    ]
    return told | {"places": places[-PLACES:]}


def in_a_word(error: BaseException) -> str:
    """What may be told of an exception in one word: its type, and the database's code and constraint."""
    cause = error.__cause__
    told = told_of(cause) if cause and getattr(cause, "sqlstate", None) else {}
    about = [str(told[word]) for word in ("sqlstate", "constraint_name") if word in told]
    return type(error).__name__ + (f" ({', '.join(about)})" if about else "")


def tell_uncaught(error: BaseException | None) -> None:
    if not isinstance(error, KeyboardInterrupt):
        structlog.get_logger(__name__).critical("uncaught", exc_info=error)


def tell_warning(message, category, filename, lineno, file=None, line=None) -> None:
    log = structlog.get_logger(__name__)
    log.warning("python.warning", kind=category.__name__, place=f"{filename}:{lineno}")


class Gunicorn(Logger):
    """Its lines are ours; its line for each request, with addresses whole, is none (records.middleware has one)."""

    def setup(self, cfg) -> None:
        super().setup(cfg)
        begin({"level": cfg.loglevel})  # until Django is set up
        self.error_log.handlers.clear()
        self.error_log.propagate = True

    def access(self, resp, req, environ, request_time) -> None:
        pass
