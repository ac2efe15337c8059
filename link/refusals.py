"""What TLS, the broker or the network says when somebody is kept out, in words that say what to do."""

_FOREIGN = "the broker's certificate is not of this hall; is this the right network, and the right `broker.ca`?"

_NAMELESS = "nobody in the network knows this name; is it right, and is the cable plugged in?"
_NO_WAY = "there is no way to this address; look at the cable, and is the address right?"
_UNKNOWN = "the broker does not take this name and password; look at `broker.username` and `broker.password_file`"

REFUSALS: tuple[tuple[str, str], ...] = (
    ("alert certificate required", "the broker wants a certificate, and none is given; enrol this machine"),
    ("alert certificate revoked", "this machine's certificate was revoked; enrol it anew, with a new card"),
    ("alert certificate expired", "this machine's certificate has expired; enrol it anew, or look at the broker's clock"),
    ("alert bad certificate", "the broker does not take this machine's certificate; is the broker's clock behind?"),
    ("alert unknown ca", "this machine's certificate is not of the broker's hall; enrol it here"),
    ("alert unsupported certificate", "this machine's certificate is not one for a client; enrol this machine"),
    ("certificate is not yet valid", "the broker's certificate is not yet valid; this machine's clock is behind"),
    ("certificate has expired", "the broker's certificate has expired, or this machine's clock is ahead; see `hallware init`"),
    ("Hostname mismatch", "the broker's certificate names other hosts than the one it is reached by; see `hallware init`"),
    ("IP address mismatch", "the broker's certificate names other hosts than the one it is reached by; see `hallware init`"),
    ("self-signed certificate", _FOREIGN),
    ("unable to get local issuer", _FOREIGN),
    ("Connection refused", "nothing answers at this port; is the broker running, and are host and port right?"),
    ("Connection reset", "whoever answers hangs up; does this port want TLS (`broker.ca`), or is it no broker's?"),
    ("Name or service not known", _NAMELESS),
    ("name resolution", _NAMELESS),
    ("No route to host", _NO_WAY),
    ("Network is unreachable", _NO_WAY),
    ("Not authorized", _UNKNOWN),
    ("Bad user name or password", _UNKNOWN),
    ("WRONG_VERSION_NUMBER", "the broker does not speak TLS at this port; is `broker.port` right?"),
)  # fmt: skip
"""What stands in OpenSSL's words, and what it means in a hall."""


def in_words(said: str) -> str:
    """What OpenSSL or the network said, with what it means where we know."""
    meaning = next((words for sign, words in REFUSALS if sign in said), None)
    return said if meaning is None or meaning in said else f"{meaning} ({said})"
