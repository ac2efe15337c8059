"""The tables of enrolment: tokens by their digest, requests that wait for a person, and the certificates of everybody."""

from sqlalchemy import Column, Index, String, Table, Text

from controller.accounts_tables import Instant, metadata

tokens = Table(
    "enrolment_token",
    metadata,
    Column("hall", String(40), primary_key=True),
    Column("digest", String(64), primary_key=True),
    Column("name", String(40), nullable=False),
    Column("role", String(20), nullable=False),
    Column("made", Instant, nullable=False),
    Column("made_by", String(60), nullable=False),
    Column("ends", Instant, nullable=False),
    Column("key", String(64)),
    Index("enrolment_token_by_name", "hall", "name"),
)
"""`key` is the digest of the public key that the token was spent on."""

requests = Table(
    "enrolment_request",
    metadata,
    Column("hall", String(40), primary_key=True),
    Column("id", String(16), primary_key=True),
    Column("name", String(40), nullable=False),
    Column("role", String(20), nullable=False),
    Column("key", String(64), nullable=False),
    Column("request", Text, nullable=False),
    Column("serial", String(100), nullable=False),
    Column("model", String(100), nullable=False),
    Column("address", String(60), nullable=False),
    Column("pattern", String(20), nullable=False),
    Column("state", String(10), nullable=False),
    Column("asked", Instant, nullable=False),
    Column("seen", Instant, nullable=False),
    Column("decided", Instant),
    Column("decided_by", String(60)),
    Index("enrolment_request_by_key", "hall", "key"),
)

certificates = Table(
    "enrolment_certificate",
    metadata,
    Column("hall", String(40), primary_key=True),
    Column("serial", String(40), primary_key=True),
    Column("name", String(40), nullable=False),
    Column("role", String(20), nullable=False),
    Column("key", String(64), nullable=False),
    Column("pem", Text, nullable=False),
    Column("begins", Instant, nullable=False),
    Column("ends", Instant, nullable=False),
    Column("revoked", Instant),
    Column("revoked_by", String(60)),
    Column("why", String(120)),
    Index("enrolment_certificate_by_name", "hall", "name"),
)
"""`serial` is the certificate's number in hex, `key` the digest of its public key."""

events = Table(
    "enrolment_event",
    metadata,
    Column("hall", String(40), primary_key=True),
    Column("id", String(16), primary_key=True),
    Column("at", Instant, nullable=False),
    Column("actor", String(60), nullable=False),
    Column("what", String(40), nullable=False),
    Column("about", String(200), nullable=False),
    Index("enrolment_event_by_time", "hall", "at"),
)
