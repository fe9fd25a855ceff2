"""What PostgreSQL may write into its own log: no row, no statement, no parameter.

A refused row stands in the error's DETAIL, a wrong value in its first line, and what was to be done in its STATEMENT.
So errors stay out of it; the program's log has their code and constraint. What is the server's own (starts,
checkpoints, crashes) is level LOG and stays.
"""

from psycopg import Connection

SETTINGS = {
    "log_min_messages": "log",
    "log_min_error_statement": "panic",
    "log_error_verbosity": "terse",
    "log_statement": "none",
    "log_min_duration_statement": "-1",
    "log_parameter_max_length": "0",
    "log_parameter_max_length_on_error": "0",
}


def telling_too_much(connection: Connection) -> list[str]:
    """The settings of this server that differ, each as it should be."""
    query = "SELECT name, setting FROM pg_settings WHERE name = ANY(%s)"
    found: dict[str, str] = dict(connection.execute(query, [list(SETTINGS)]).fetchall())
    return [f"{name}={value}" for name, value in SETTINGS.items() if found.get(name) != value]
