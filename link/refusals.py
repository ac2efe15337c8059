"""What TLS says when somebody is kept out, in words that say what to do."""

_FOREIGN = "the broker's certificate is not of this hall; is this the right network, and the right `broker.ca`?"

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
    ("WRONG_VERSION_NUMBER", "the broker does not speak TLS at this port; is `broker.port` right?"),
)  # fmt: skip
"""What stands in OpenSSL's words, and what it means in a hall."""


def in_words(said: str) -> str:
    """What OpenSSL or the network said, with what it means where we know."""
    meaning = next((words for sign, words in REFUSALS if sign in said), None)
    return said if meaning is None else f"{meaning} ({said})"
