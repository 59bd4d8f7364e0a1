"""TLS: the certificate of the servers, and the settings of the clients.

All servers have the same certificate, and every client uses TLS 1.3 with the same cipher suite.
"""

import functools
import os
import pathlib
import ssl
import subprocess

from .process import Failure

PEERS = pathlib.Path(__file__).resolve().parents[1] / "peers"
FULL_HANDSHAKES = PEERS.parents[1] / "target/full_handshakes.so"


def run(words):
    outcome = subprocess.run([str(word) for word in words], capture_output=True, check=False)
    if outcome.returncode != 0:
        raise Failure(f"{words[0]} failed: {outcome.stderr.decode()}")


def write_certificate(folder):
    """Writes a self-signed certificate with a P-256 key, as Chapbook issues them."""
    words = "openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -days 365".split()
    words += ["-subj", "/CN=localhost", "-addext", "subjectAltName=DNS:localhost,IP:127.0.0.1"]
    run([*words, "-keyout", folder / "key.pem", "-out", folder / "certificate.pem"])


def build_client():
    """Builds the library without which wrk resumes sessions."""
    FULL_HANDSHAKES.parent.mkdir(exist_ok=True)
    run(["cc", "-shared", "-fPIC", "-o", FULL_HANDSHAKES, PEERS / "full_handshakes.c", "-ldl"])


def client_environment(resumes):
    """The environment of wrk, which may resume the sessions of its connections or not."""
    environment = os.environ | {"OPENSSL_CONF": str(PEERS / "openssl.cnf")}
    return environment if resumes else environment | {"LD_PRELOAD": str(FULL_HANDSHAKES)}


@functools.cache
def client_context():
    """The settings of the clients here, which never resume a session."""
    context = ssl.create_default_context()
    context.check_hostname = False
    context.verify_mode = ssl.CERT_NONE
    context.minimum_version = ssl.TLSVersion.TLSv1_3
    return context
