"""What has a key of its own has the hall in it: no two halls of one database can be in each other's way."""

import sqlalchemy as sa
from alembic import op

revision = "0010"
down_revision = "0009"

_KEYS = {
    "account_session": "digest", "account_link": "digest", "account_token": "id", "enrolment_token": "digest",
    "enrolment_request": "id", "enrolment_certificate": "serial", "enrolment_event": "id",
}  # fmt: skip
_OF_USER = ("account_session", "account_link", "account_token")


def upgrade() -> None:
    """Make the keys anew, where accounts or enrolment of this version have not made the tables already."""
    inspector = sa.inspect(op.get_bind())
    for table, key in _KEYS.items():
        found = inspector.get_pk_constraint(table)
        if "hall" in found["constrained_columns"]:
            continue
        if op.get_bind().dialect.name == "sqlite":
            _made_anew(inspector, table, key)
        else:
            op.drop_constraint(str(found["name"]), table)
            op.create_primary_key(f"{table}_pkey", table, ["hall", key])
            if table == "account_token":
                op.drop_constraint("account_token_digest_key", table)
                op.create_unique_constraint(None, table, ["hall", "digest"])


def _made_anew(inspector: "sa.Inspector", table: str, key: str) -> None:
    """SQLite cannot change a key."""
    columns, indexes = inspector.get_columns(table), inspector.get_indexes(table)
    others: list[sa.Constraint] = [sa.PrimaryKeyConstraint("hall", key)]
    if table in _OF_USER:
        others.append(sa.ForeignKeyConstraint(["hall", "user"], ["account_user.hall", "account_user.name"], ondelete="CASCADE"))
    if table == "account_token":
        others.append(sa.UniqueConstraint("hall", "digest"))
    op.create_table(f"{table}_new", *(sa.Column(c["name"], c["type"], nullable=c["nullable"]) for c in columns), *others)
    op.execute(f"INSERT INTO {table}_new SELECT * FROM {table}")  # noqa: S608  names of our own
    op.drop_table(table)
    op.rename_table(f"{table}_new", table)
    for index in indexes:
        op.create_index(index["name"], table, [str(name) for name in index["column_names"]])
