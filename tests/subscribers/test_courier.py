"""A call to an address that somebody else chose: bounded in every way, and never to our inside."""

import ipaddress
import socket
import ssl
import subprocess
from threading import Event

import pytest

from app.subscribers import courier
from app.subscribers.courier import LONGEST_ANSWER, Answer, is_public, post
from app.subscribers.errors import UndeliverableError
from dev.ports import free_port
from tests.subscribers.receiver import answers, drips, floods, hangs, receiving, sends

INSIDE = [
    "127.0.0.1", "127.255.255.254", "0.0.0.0", "10.0.0.1", "172.16.0.1", "172.31.255.255",
    "192.168.1.1", "169.254.169.254", "169.254.170.2", "100.64.0.1", "100.100.100.200",
    "192.0.0.192", "192.0.2.1", "198.18.0.1", "198.51.100.7", "203.0.113.9", "224.0.0.1",
    "239.255.255.250", "240.0.0.1", "255.255.255.255",
    "::", "::1", "::ffff:127.0.0.1", "::ffff:169.254.169.254", "::ffff:10.0.0.1", "::7f00:1",
    "fe80::1", "fe80::1%eth0", "fc00::1", "fd00:ec2::254", "fec0::1", "ff02::1", "2001:db8::1",
    "64:ff9b::7f00:1", "64:ff9b:1::1", "2002:7f00:1::", "2001:0:7f00:1::", "100::1",
]  # fmt: skip
OUTSIDE = ["8.8.8.8", "93.184.215.14", "172.32.0.1", "::ffff:8.8.8.8", "2606:4700::6810:84e5"]


def call(receiver, *, public_only=False, path=None):
    url = receiver.url if path is None else receiver.url.rsplit("/", 1)[0] + path
    return post(url, b'{"type":"ping"}', {"webhook-id": "1"}, public_only=public_only)


def refused(receiver, **how):
    with pytest.raises(UndeliverableError) as error:
        call(receiver, **how)
    return str(error.value)


@pytest.fixture
def hasty(monkeypatch):
    """A call that is given up before anybody has to wait for it."""
    monkeypatch.setattr(courier, "CALL_SECONDS", 0.3)


@pytest.fixture
def names(monkeypatch):
    """What names stand for, as a resolver would tell it."""
    known = {}

    def look_up(host, port, *_):
        return [
            (socket.AF_INET, socket.SOCK_STREAM, 6, "", (each, port))
            for each in known.get(host, [host])
        ]

    monkeypatch.setattr(socket, "getaddrinfo", look_up)
    return known


@pytest.mark.parametrize("address", INSIDE)
def test_an_address_of_the_inside_is_not_public(address):
    assert not is_public(ipaddress.ip_address(address))


@pytest.mark.parametrize("address", OUTSIDE)
def test_an_address_of_the_internet_is_public(address):
    assert is_public(ipaddress.ip_address(address))


@pytest.mark.parametrize(
    "host",
    [
        "127.0.0.1", "localhost", "[::1]", "[::ffff:127.0.0.1]", "2130706433", "0x7f000001",
        "0177.0.0.1", "127.1", "0",
    ],
)  # fmt: skip
def test_no_spelling_of_the_inside_is_called(receiver, host):
    port = receiver.url.split(":")[2].split("/")[0]

    with pytest.raises(UndeliverableError, match=r"not a public one|not known"):
        post(f"http://{host}:{port}/", b"{}", {}, public_only=True)

    assert receiver.messages == []


def test_where_any_address_may_be_called_the_inside_is(receiver):
    assert call(receiver) == Answer(204, "")
    assert len(receiver.messages) == 1


@pytest.mark.parametrize("found", [["127.0.0.1"], ["8.8.8.8", "127.0.0.1"]])
def test_a_name_that_stands_for_the_inside_is_not_called(receiver, names, found):
    names["innocent.example"] = found
    port = receiver.url.split(":")[2].split("/")[0]

    with pytest.raises(UndeliverableError, match="not a public one"):
        post(f"http://innocent.example:{port}/", b"{}", {}, public_only=True)

    assert receiver.messages == []


def test_a_name_that_means_something_else_a_moment_later_leads_nowhere(
    receiver, names, monkeypatch
):
    """What was judged is what is called: the name is looked up once."""
    names["rebinding.example"] = ["8.8.8.8"]
    called = []

    def connect(address, *_):
        called.append(address)
        names["rebinding.example"] = ["127.0.0.1"]
        raise ConnectionRefusedError

    monkeypatch.setattr(socket, "create_connection", connect)
    with pytest.raises(UndeliverableError):
        post("http://rebinding.example/", b"{}", {}, public_only=True)

    assert called == [("8.8.8.8", 80)]


def test_the_next_address_of_a_name_is_tried_where_one_does_not_answer(receiver, names):
    # The receiver listens at the second of them alone.
    names["two.example"] = ["127.0.0.2", "127.0.0.1"]
    port = receiver.url.split(":")[2].split("/")[0]

    answer = post(f"http://two.example:{port}/", b"{}", {}, public_only=False)

    assert answer.status == 204
    assert receiver.messages[0].headers["Host"] == f"two.example:{port}"


def test_a_name_that_nobody_knows_is_an_answer_too(app):
    with pytest.raises(UndeliverableError, match="the name is not known"):
        post("http://nowhere.invalid/", b"{}", {}, public_only=True)


def test_a_resolver_that_hangs_is_not_waited_for(monkeypatch):
    over = Event()
    monkeypatch.setattr(courier, "LOOK_UP_SECONDS", 0.1)
    monkeypatch.setattr(socket, "getaddrinfo", lambda *_: over.wait())

    with pytest.raises(UndeliverableError, match="could not be looked up in time"):
        post("http://slow.example/", b"{}", {}, public_only=True)
    over.set()


def test_an_address_that_nobody_listens_at_is_told_so():
    with pytest.raises(UndeliverableError, match="no connection: Connection refused"):
        post(f"http://127.0.0.1:{free_port()}/", b"{}", {}, public_only=False)


def test_a_redirect_is_an_answer_and_leads_nowhere(receiver):
    receiver.reply(answers(307, Location=receiver.url))

    assert call(receiver) == Answer(307, "")
    assert len(receiver.messages) == 1


def test_of_a_long_answer_the_beginning_is_read(receiver):
    receiver.reply(floods)

    assert call(receiver) == Answer(200, ("flood" * 1_000)[:LONGEST_ANSWER])


@pytest.mark.parametrize("silence", [hangs, drips])
def test_an_answer_that_does_not_come_to_an_end_is_not_waited_for(receiver, hasty, silence):
    receiver.reply(silence)

    assert refused(receiver) == "no answer in time"


@pytest.mark.parametrize(
    ("raw", "told"),
    [
        (b"", "the answer is not HTTP: RemoteDisconnected"),
        (b"\x16\x03\x01 nonsense\r\n\r\n", "the answer is not HTTP: BadStatusLine"),
        (b"HTTP/1.1 abc\r\n\r\n", "the answer is not HTTP: BadStatusLine"),
        (b"HTTP/1.1 200 OK\r\n" + b"A: b\r\n" * 200, "the answer is not HTTP: HTTPException"),
        (b"HTTP/1.1 200 " + b"O" * 70_000, "the answer is not HTTP: LineTooLong"),
    ],
)
def test_what_is_no_answer_is_told_as_what_it_is(receiver, raw, told):
    receiver.reply(sends(raw))

    assert refused(receiver) == told


@pytest.mark.parametrize(
    ("body", "read"),
    [
        (b"\xff\xfe\x00z", "��" + "�z"),
        ("₹".encode() * 300, "₹" * 166 + "�"),
        (b"", ""),
    ],
)
def test_an_answer_of_any_bytes_can_be_kept(receiver, body, read):
    receiver.reply(answers(200, body))

    assert call(receiver) == Answer(200, read)


def test_the_beginning_of_an_address_is_where_it_goes(receiver):
    for path in ("", "/", "/a/b?c=d", "/?x"):
        post(receiver.url.removesuffix("/hooks?from=ora") + path, b"{}", {}, public_only=False)

    assert [message.path for message in receiver.messages] == ["/", "/", "/a/b?c=d", "/?x"]


@pytest.fixture(scope="module")
def certificate(tmp_path_factory):
    """A certificate for localhost, signed by nobody but itself."""
    folder = tmp_path_factory.mktemp("certificate")
    key, certificate = folder / "key.pem", folder / "certificate.pem"
    subprocess.run(
        [
            "openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256",
            "-nodes", "-days", "2", "-subj", "/CN=localhost", "-addext",
            "subjectAltName=DNS:localhost", "-keyout", str(key), "-out", str(certificate),
        ],
        check=True, capture_output=True,
    )  # fmt: skip
    return certificate, key


@pytest.fixture
def secure(certificate):
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    context.load_cert_chain(*certificate)
    with receiving(context) as receiver:
        receiver.url = receiver.url.replace("http://127.0.0.1", "https://localhost")
        yield receiver


def test_a_certificate_that_nobody_vouches_for_is_not_talked_to(secure):
    assert "certificate" in refused(secure).lower()
    assert secure.messages == []


def test_a_certificate_that_somebody_vouches_for_is_held_against_the_name(
    secure, certificate, monkeypatch
):
    trusted = ssl.create_default_context(cafile=certificate[0])
    monkeypatch.setattr(courier, "_trust", lambda: trusted)

    assert call(secure) == Answer(204, "")
    secure.url = secure.url.replace("localhost", "127.0.0.1")
    assert "certificate" in refused(secure).lower()
    assert len(secure.messages) == 1


def test_a_handshake_that_does_not_come_to_an_end_is_not_waited_for(hasty):
    with socket.create_server(("127.0.0.1", 0)) as silent:
        url = f"https://127.0.0.1:{silent.getsockname()[1]}/"
        with pytest.raises(UndeliverableError, match="no answer in time"):
            post(url, b"{}", {}, public_only=False)


def test_an_answer_that_drips_over_a_secure_connection_is_not_waited_for(
    secure, certificate, monkeypatch, hasty
):
    trusted = ssl.create_default_context(cafile=certificate[0])
    monkeypatch.setattr(courier, "_trust", lambda: trusted)
    secure.reply(drips)

    assert refused(secure) == "no answer in time"
