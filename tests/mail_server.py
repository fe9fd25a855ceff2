"""A mail server that takes whatever it is sent and keeps it, for tests of the whole way."""

import socketserver
from collections.abc import Iterator
from contextlib import contextmanager
from threading import Thread


class Taking(socketserver.StreamRequestHandler):
    def handle(self):
        self.say("220 here")
        for line in iter(self.rfile.readline, b""):
            word = line.split()[0].upper()
            if word == b"DATA":
                self.say("354 go on")
                lines = iter(self.rfile.readline, b".\r\n")
                self.server.taken.append(b"".join(lines).decode())
            self.say("221 bye" if word == b"QUIT" else "250 fine")

    def say(self, line):
        self.wfile.write(f"{line}\r\n".encode())


@contextmanager
def mail_server() -> Iterator[tuple[str, list[str]]]:
    """Its address, and the messages it has taken so far."""
    with socketserver.ThreadingTCPServer(("127.0.0.1", 0), Taking) as server:
        server.daemon_threads, server.taken = True, []
        Thread(target=server.serve_forever, daemon=True).start()
        yield f"smtp://localhost:{server.server_address[1]}", server.taken
        server.shutdown()
