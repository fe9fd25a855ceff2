"""A time-stamp authority confirms one anchor a day, in real RFC 3161 made by OpenSSL."""

import shutil
import subprocess
import urllib.error
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, HTTPServer
from threading import Thread

import pytest

from tests import factories
from tilmfg.records import timestamps
from tilmfg.records.anchor_files import new_private_key, read
from tilmfg.records.anchors import attach_token, write_anchor
from tilmfg.records.timestamps import UnableToTimestamp, confirmed_at, request

pytestmark = pytest.mark.skipif(not shutil.which("openssl"), reason="no openssl here to play the authority")

KEY = "-newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes"
CONFIGURATION = """
[req]
distinguished_name = name
[name]
[authority]
basicConstraints = critical, CA:true
keyUsage = critical, keyCertSign
subjectKeyIdentifier = hash
[stamper]
basicConstraints = critical, CA:false
extendedKeyUsage = critical, timeStamping
[tsa]
default_tsa = ours
[ours]
serial = {folder}/serial
signer_cert = {folder}/stamper.pem
signer_key = {folder}/stamper.key
signer_digest = sha256
default_policy = 1.2.3.4.1
digests = sha256
ess_cert_id_alg = sha256
"""


class Authority:
    """`openssl ts` behind an HTTP port of this machine."""

    def __init__(self, folder):
        self.folder, self.is_confused = folder, False
        (folder / "tsa.cnf").write_text(CONFIGURATION.format(folder=folder))
        (folder / "serial").write_text("01")
        self.openssl(
            f"req -x509 {KEY} -days 30 -subj /CN=Root -keyout root.key -out root.pem "
            "-config tsa.cnf -extensions authority"
        )
        self.openssl(f"req {KEY} -subj /CN=Stamper -keyout stamper.key -out stamper.csr -config tsa.cnf")
        self.openssl(
            "x509 -req -in stamper.csr -CA root.pem -CAkey root.key -set_serial 2 -days 30 -out stamper.pem "
            "-extfile tsa.cnf -extensions stamper"
        )
        authority = self

        class Answer(BaseHTTPRequestHandler):
            def do_POST(self):
                query = self.rfile.read(int(self.headers["Content-Length"]))
                assert self.headers["Content-Type"] == "application/timestamp-query"
                self.send_response(200)
                self.send_header("Content-Type", "application/timestamp-reply")
                self.end_headers()
                self.wfile.write(authority.answer(query))

            def log_message(self, *_):
                pass

        self.server = HTTPServer(("127.0.0.1", 0), Answer)
        self.url = f"http://127.0.0.1:{self.server.server_port}/"
        Thread(target=self.server.serve_forever, daemon=True).start()

    @property
    def root(self):
        return (self.folder / "root.pem").read_bytes()

    def openssl(self, words):
        subprocess.run(["openssl", *words.split()], cwd=self.folder, check=True, capture_output=True)

    def answer(self, query):
        (self.folder / "query.tsq").write_bytes(query)
        if self.is_confused:
            self.openssl("ts -query -data serial -sha256 -cert -out query.tsq")
        self.openssl("ts -reply -config tsa.cnf -queryfile query.tsq -out reply.tsr")
        return (self.folder / "reply.tsr").read_bytes()


@pytest.fixture(scope="module")
def authority(tmp_path_factory):
    authority = Authority(tmp_path_factory.mktemp("authority"))
    yield authority
    authority.server.shutdown()
    authority.server.server_close()


def test_a_token_confirms_its_data_and_no_other(authority):
    token = request(authority.url, b"these words")
    at = confirmed_at(token, b"these words", certificates=authority.root)
    assert abs(datetime.now(UTC) - at) < timedelta(minutes=1)
    with pytest.raises(ValueError, match="Mismatch"):
        confirmed_at(token, b"other words", certificates=authority.root)


def test_a_token_of_an_authority_we_do_not_trust_counts_nothing(authority, tmp_path):
    token = request(authority.url, b"these words")
    with pytest.raises(ValueError, match="certificate"):
        confirmed_at(token, b"these words", certificates=Authority(tmp_path).root)


def test_openssl_reads_the_token_too(authority):
    (authority.folder / "data").write_bytes(b"these words")
    (authority.folder / "token.tsr").write_bytes(request(authority.url, b"these words"))
    authority.openssl("ts -verify -data data -in token.tsr -CAfile root.pem")


def test_an_answer_to_another_question_is_refused(authority, monkeypatch):
    monkeypatch.setattr(authority, "is_confused", True)
    with pytest.raises(UnableToTimestamp, match="another request"):
        request(authority.url, b"these words")


@pytest.fixture
def anchoring(settings, tmp_path, authority):
    settings.TILMFG_ANCHOR_FOLDER = str(tmp_path)
    settings.TILMFG_ANCHOR_KEY = new_private_key()
    settings.TILMFG_TSA_URL = authority.url
    factories.make_order()


@pytest.mark.django_db
def test_it_lies_beside_the_first_anchor_of_the_day(anchoring, authority):
    file = write_anchor()
    token = attach_token()
    assert token == timestamps.file_of(file)
    confirmed_at(token.read_bytes(), read(file)[0].encode(), certificates=authority.root)
    assert attach_token() is None


@pytest.mark.django_db
def test_an_authority_that_is_away_is_asked_again(anchoring, authority, settings):
    write_anchor()
    settings.TILMFG_TSA_URL = "http://127.0.0.1:9/"
    with pytest.raises(urllib.error.URLError):
        attach_token()
    settings.TILMFG_TSA_URL = authority.url
    assert attach_token()
