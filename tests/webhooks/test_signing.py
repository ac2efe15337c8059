"""What signs a message is what the receivers' library reads, and a secret is never one that others could have read."""

import base64
import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import msgspec
import pytest
from standardwebhooks import Webhook as Reader
from standardwebhooks import WebhookVerificationError

from contract.settings import BadSettings
from controller.config import parse_hall
from controller.config_webhooks import Webhook
from controller.webhooks.signing import BadSecret, headers, keys_of, new_secret
from tests.controller.halls import text

KEY = b"0123456789abcdef0123456789abcdef"
BODY = '{"type":"hallware.test","text":{"zh":"你好"}}'.encode()


def now() -> int:
    """Seconds since 1970."""
    return int(datetime.now(UTC).timestamp())


def reader(key: bytes = KEY) -> Reader:
    """What a receiver has."""
    return Reader("whsec_" + base64.b64encode(key).decode())


def test_the_known_signature_of_the_specification() -> None:
    found = headers(
        "msg_p5jXN8AQM9LWM0D4loKWxJek",
        1614265330,
        b'{"test": 2432232314}',
        [base64.b64decode("MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw")],
    )
    assert found["webhook-signature"] == "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE="


def test_a_receivers_library_takes_it_and_refuses_what_was_changed() -> None:
    signed = headers("msg_one", now(), BODY, [KEY])
    assert reader().verify(BODY, signed) == json.loads(BODY)
    for changed in (BODY + b" ", BODY.replace(b"test", b"tset")):
        with pytest.raises(WebhookVerificationError):
            reader().verify(changed, signed)
    for name, value in (("webhook-id", "msg_two"), ("webhook-timestamp", str(now() + 1))):
        with pytest.raises(WebhookVerificationError):
            reader().verify(BODY, {**signed, name: value})


def test_an_old_one_is_refused_however_well_it_is_signed() -> None:
    with pytest.raises(WebhookVerificationError):
        reader().verify(BODY, headers("msg_one", now() - 3600, BODY, [KEY]))


def test_two_secrets_both_sign_so_that_one_can_be_changed_without_a_gap() -> None:
    signed = headers("msg_one", now(), BODY, [KEY[::-1], KEY])
    for key in (KEY, KEY[::-1]):
        assert reader(key).verify(BODY, signed)


def hook(**changes: Any) -> Webhook:
    """A webhook."""
    settings = {"id": "city", "url": "https://city.example/hook", "events": ["ticket.called"], "secret_env": "HOOK", **changes}
    return msgspec.convert({k: v for k, v in settings.items() if v is not None}, Webhook, dec_hook=lambda kind, raw: kind(raw))


def test_a_secret_comes_from_a_file_that_its_owner_alone_can_read(tmp_path: Path) -> None:
    file = tmp_path / "secret"
    made = hook(secret_env=None, secret_file=str(file))
    with pytest.raises(BadSecret, match="cannot be read: No such file"):
        keys_of(made)
    file.write_text(f"{new_secret()}\n{new_secret()}\n")
    for mode in (0o644, 0o640, 0o604):
        file.chmod(mode)
        with pytest.raises(BadSecret, match="chmod 600"):
            keys_of(made)
    file.chmod(0o600)
    assert [len(key) for key in keys_of(made)] == [32, 32]


@pytest.mark.parametrize(
    "secret", ["", "hunter2", "whsec_", "whsec_c2hvcnQ=", "whsec_!!!!", "whsec_" + base64.b64encode(bytes(65)).decode()]
)
def test_a_weak_or_broken_secret_signs_nothing(monkeypatch: pytest.MonkeyPatch, secret: str) -> None:
    monkeypatch.setenv("HOOK", secret)
    with pytest.raises(BadSecret, match="hallware webhook secret"):
        keys_of(hook())


@pytest.mark.parametrize(
    ("table", "words"),
    [
        ('url = "http://city.example/x"\nsecret_env = "HOOK"', "is not https"),
        ('url = "ftp://city.example/x"\nsecret_env = "HOOK"', "no address"),
        ('url = "https:///x"\nsecret_env = "HOOK"', "no address"),
        ('url = "https://me:secret@city.example/x"\nsecret_env = "HOOK"', "password"),
        ('url = "https://169.254.169.254/latest"\nsecret_env = "HOOK"', "no machine that receives"),
        ('url = "https://[fe80::1]/x"\nsecret_env = "HOOK"', "no machine that receives"),
        ('url = "https://[::1/x"\nsecret_env = "HOOK"', "cannot be read"),
        ('url = "https://city.example/x"', "secret_file"),
        ('url = "https://city.example/x"\nsecret_env = "whsec_abc"', "name of a variable"),
        ('url = "https://city.example/x"\nsecret_env = "HOOK"\nsecret = "whsec_abc"', "unknown field `secret`"),
    ],
)  # fmt: skip
def test_hall_toml_takes_no_address_that_could_leak_and_no_secret(table: str, words: str) -> None:
    with pytest.raises(BadSettings, match=words):
        parse_hall(text("sqlite://") + f'\n[[webhook]]\nid = "city"\nevents = ["ticket.called"]\n{table}\n', name="hall.toml")


@pytest.mark.parametrize(
    "table",
    ['url = "http://127.0.0.1:9000/x"', 'url = "http://localhost/x"', 'url = "http://[::1]:9000/x"',
     'url = "http://10.1.2.3/x"\ninsecure = true', 'url = "https://city.example:8443/x?y=1"'],
)  # fmt: skip
def test_loopback_and_what_is_allowed_in_so_many_words_is_taken(table: str) -> None:
    written = f'\n[[webhook]]\nid = "city"\nevents = ["ticket.called"]\nsecret_env = "HOOK"\n{table}\n'
    assert parse_hall(text("sqlite://") + written, name="hall.toml").webhook[0].id == "city"
