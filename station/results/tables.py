"""The tables of the record store. Rows are only ever added.

A run begins (`runs`), its phases are added as they end (`phases`), it ends with the
whole record (`ended`), and once that row was read back on a second connection with
the same hash it is confirmed (`confirmed`). A run that another process left without
an end is closed (`closed`) by the next start. Triggers refuse UPDATE and DELETE.

A campaign begins (`campaigns`), the runs that it plays are added as they come
(`campaign_runs`), also those that could not be played (`campaign_losses`), and it ends
when none is missing (`campaign_ends`).
"""

from __future__ import annotations

from sqlalchemy import (
    Boolean,
    Column,
    Float,
    ForeignKey,
    Integer,
    LargeBinary,
    MetaData,
    PrimaryKeyConstraint,
    String,
    Table,
    Text,
    UniqueConstraint,
)

METADATA = MetaData()
STORE_SCHEMA = 2

runs = Table(
    "runs",
    METADATA,
    Column("number", Integer, primary_key=True, autoincrement=True),
    Column("run_id", String(32), nullable=False, unique=True),
    Column("serial", String(64), nullable=False, index=True),
    Column("sequence", String(64), nullable=False),
    Column("bench", String(128), nullable=False),
    Column("in_process", Boolean, nullable=False),
    Column("begun_utc", String(32), nullable=False),
    Column("document", Text, nullable=False),
)

phases = Table(
    "phases",
    METADATA,
    Column("run_id", ForeignKey("runs.run_id"), nullable=False),
    Column("position", Integer, nullable=False),
    Column("name", String(128), nullable=False),
    Column("outcome", String(16), nullable=False),
    Column("document", Text, nullable=False),
    PrimaryKeyConstraint("run_id", "position"),
)

ended = Table(
    "ended",
    METADATA,
    Column("run_id", ForeignKey("runs.run_id"), primary_key=True),
    Column("ended_utc", String(32), nullable=False),
    Column("outcome", String(16), nullable=False),
    Column("grade", String(16), nullable=False),
    Column("reason", Text, nullable=False),
    Column("evidence_sha256", String(64), nullable=False),
    Column("record_sha256", String(64), nullable=False),
    Column("record", Text, nullable=False),
)

confirmed = Table(
    "confirmed",
    METADATA,
    Column("run_id", ForeignKey("ended.run_id"), primary_key=True),
    Column("confirmed_utc", String(32), nullable=False),
    Column("record_sha256", String(64), nullable=False),
)

closed = Table(
    "closed",
    METADATA,
    Column("run_id", ForeignKey("runs.run_id"), primary_key=True),
    Column("closed_utc", String(32), nullable=False),
    Column("reason", Text, nullable=False),
)

bench_events = Table(
    "bench_events",
    METADATA,
    Column("number", Integer, primary_key=True, autoincrement=True),
    Column("bench", String(128), nullable=False, index=True),
    Column("event", String(16), nullable=False),  # "locked" or "unlocked"
    Column("utc", String(32), nullable=False),
    Column("operator", String(128), nullable=False),
    Column("reason", Text, nullable=False),
    Column("run_id", String(32)),
)

trips = Table(
    "trips",
    METADATA,
    Column("run_id", ForeignKey("runs.run_id"), primary_key=True),
    Column("serial", String(64), nullable=False, index=True),
    Column("utc", String(32), nullable=False),
    Column("trips", Integer, nullable=False),
)

campaigns = Table(
    "campaigns",
    METADATA,
    Column("number", Integer, primary_key=True, autoincrement=True),
    Column("campaign_id", String(64), nullable=False, unique=True),
    Column("name", String(200), nullable=False),
    Column("plan", Text, nullable=False),
    Column("software", Text, nullable=False),
    Column("program", Text, nullable=False),  # sha256 of each file, by name
    Column("planned", Integer, nullable=False),
    Column("begun_utc", String(32), nullable=False),
)

campaign_runs = Table(
    "campaign_runs",
    METADATA,
    Column("number", Integer, primary_key=True, autoincrement=True),
    Column("campaign_id", ForeignKey("campaigns.campaign_id"), nullable=False),
    Column("key", String(400), nullable=False),
    Column("kind", String(16), nullable=False),
    Column("grade", String(16), nullable=False),
    Column("outcome", String(16), nullable=False),
    Column("evidence_sha256", String(64), nullable=False),
    Column("cpu_s", Float, nullable=False),
    Column("utc", String(32), nullable=False),
    Column("document", LargeBinary, nullable=False),  # canonical JSON, deflated
    UniqueConstraint("campaign_id", "key"),
)

campaign_losses = Table(
    "campaign_losses",
    METADATA,
    Column("number", Integer, primary_key=True, autoincrement=True),
    Column("campaign_id", ForeignKey("campaigns.campaign_id"), nullable=False),
    Column("key", String(400), nullable=False),
    Column("utc", String(32), nullable=False),
    Column("reason", Text, nullable=False),
)

campaign_ends = Table(
    "campaign_ends",
    METADATA,
    Column("campaign_id", ForeignKey("campaigns.campaign_id"), primary_key=True),
    Column("ended_utc", String(32), nullable=False),
)

NEW_IN_SCHEMA = {
    2: ("campaigns", "campaign_runs", "campaign_losses", "campaign_ends"),
}
"""Tables that an older store does not have; nothing else has changed since."""


def append_only_triggers() -> list[str]:
    """Write the triggers that keep every table from being changed afterwards."""
    return [
        f"CREATE TRIGGER IF NOT EXISTS {table.name}_no_{verb.lower()}"
        f" BEFORE {verb} ON {table.name}"
        f" BEGIN SELECT RAISE(ABORT, 'records are only added'); END"
        for table in METADATA.sorted_tables
        for verb in ("UPDATE", "DELETE")
    ]
