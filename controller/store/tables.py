"""The tables. Every one begins with the hall, so that a city can keep all its halls in one PostgreSQL."""

from sqlalchemy import BigInteger, Boolean, Column, Date, Float, Index, Integer, String, Text

from controller.figures import Counts, DeviceCounts, HourCounts, RoomHourCounts, StayCounts
from controller.store.columns import Instant, counts, day, key, table
from controller.store.columns import metadata as metadata  # whoever asks for it here wants these tables to be in it

facts = table(
    "facts",
    Column("number", BigInteger, primary_key=True, autoincrement=False),
    Column("at", Instant, nullable=False),
    Column("kind", String(40), nullable=False),
    Column("body", Text, nullable=False),
    Index("facts_by_kind", "hall", "kind", "number"),
)
"""The journal: one line for each thing that happened, only ever appended to."""

inboxes = table(
    "inboxes",
    key("node", 40),
    key("epoch"),
    Column("stored", BigInteger, nullable=False),
    Column("heard", Instant, nullable=False),
)
"""How far each node's stream is stored."""

node_events = table(
    "node_events",
    key("node", 40),
    key("epoch"),
    Column("number", BigInteger, primary_key=True, autoincrement=False),
    Column("device", String(40), nullable=False),
    Column("at", Instant, nullable=False),
    Column("happened", Instant, nullable=False),
    Column("received", Instant, nullable=False),
    Column("outcome", String(40), nullable=False),
    Column("body", Text, nullable=False),
    Index("node_events_by_time", "hall", "happened"),
)
"""What nodes reported, as they reported it, and what became of it: `ok` or the code of the refusal."""

pictures = table("pictures", key("kind", 20), key("name", 40), Column("version", BigInteger, nullable=False))
"""The version of each retained picture, which never goes back."""

requests = table("requests", key("id", 80), Column("at", Instant, nullable=False), Column("reply", Text, nullable=False))
"""Requests that were answered, so that the same one again gets the same answer."""

tickets = table(
    "tickets",
    key("ticket"),
    Column("day", Date, nullable=False),
    Column("number", String(8), nullable=False),
    Column("service", String(40), nullable=False),
    Column("priority", String(20), nullable=False),
    Column("state", String(20), nullable=False),
    Column("issued", Instant, nullable=False),
    Column("kiosk", String(40)),
    Column("window", String(40)),
    Column("calls", Integer, nullable=False, default=0),
    Column("printed", Instant),
    Column("first_called", Instant),
    Column("started", Instant),
    Column("ended", Instant),
    Column("why", String(40)),
    Index("tickets_by_day", "hall", "day", "state"),
)

visits = table(
    "visits",
    key("visit"),
    Column("day", Date, nullable=False),
    Column("ticket", String(64), nullable=False),
    Column("number", String(8), nullable=False),
    Column("service", String(40), nullable=False),
    Column("window", String(40), nullable=False),
    Column("staff", String(40)),
    Column("called", Instant, nullable=False),
    Column("calls", Integer, nullable=False),
    Column("started", Instant),
    Column("ended", Instant),
    Column("took", Float),
    Column("outcome", String(20)),
    Index("visits_by_day", "hall", "day", "window"),
)
"""From the first call of a ticket at a window to the end of service or the no-show."""

calls = table(
    "calls",
    key("call"),
    Column("day", Date, nullable=False),
    Column("visit", String(64), nullable=False),
    Column("ticket", String(64), nullable=False),
    Column("number", String(8), nullable=False),
    Column("window", String(40), nullable=False),
    Column("at", Instant, nullable=False),
    Column("times", Integer, nullable=False),
    Index("calls_by_day", "hall", "day", "at"),
)

call_answers = table(
    "call_answers",
    key("call"),
    key("node", 40),
    key("device", 40),
    Column("at", Instant, nullable=False),
    Column("outcome", String(20), nullable=False),
)

ratings = table(
    "ratings",
    key("rating"),
    Column("day", Date, nullable=False),
    Column("visit", String(64), nullable=False),
    Column("ticket", String(64), nullable=False),
    Column("number", String(8), nullable=False),
    Column("service", String(40), nullable=False),
    Column("window", String(40), nullable=False),
    Column("staff", String(40)),
    Column("invited", Instant, nullable=False),
    Column("level", Integer),
    Column("after", Float),
    Column("given", Instant),
    Column("lapsed", Instant),
    Column("corrected", Boolean, nullable=False, default=False),
    Column("aspects", String(100)),
    Column("reason", String(40)),
    Index("ratings_by_day", "hall", "day", "window"),
)

stays = table(
    "stays",
    key("stay"),
    Column("day", Date, nullable=False),
    Column("room", String(40), nullable=False),
    Column("cubicle", String(40), nullable=False),
    Column("started", Instant, nullable=False),
    Column("ended", Instant),
    Column("lasted", Float),
    Column("long", Boolean, nullable=False, default=False),
    Index("stays_by_day", "hall", "day", "room"),
)

helps = table(
    "helps",
    key("help"),
    Column("place", String(40), nullable=False),
    Column("cubicle", String(40)),
    Column("at", Instant, nullable=False),
    Column("answered", Instant),
    Index("helps_by_time", "hall", "at"),
)

appointments = table(
    "appointments",
    key("appointment"),
    Column("code", String(8), nullable=False),
    Column("service", String(40), nullable=False),
    Column("slot", Instant, nullable=False),
    Column("contact", String(100), nullable=False, default=""),
    Column("booked", Instant, nullable=False),
    Column("reminded", Instant),
    Column("state", String(20), nullable=False),
    Column("ended", Instant),
    Column("ticket", String(64)),
    Index("appointments_by_slot", "hall", "slot"),
)
"""Booked, arrived, missed or cancelled."""

cases = table(
    "cases",
    key("case"),
    Column("origin", String(20), nullable=False),
    Column("window", String(40), nullable=False),
    Column("service", String(40), nullable=False),
    Column("staff", String(40)),
    Column("number", String(8)),
    Column("level", Integer),
    Column("opened", Instant, nullable=False),
    Column("verify_by", Instant, nullable=False),
    Column("rectify_by", Instant, nullable=False),
    Column("assigned", String(40)),
    Column("state", String(20), nullable=False),
    Column("verified", Instant),
    Column("rectified", Instant),
    Column("replied", Instant),
    Column("revisited", Instant),
    Index("cases_by_opening", "hall", "opened"),
)
"""What came of poor ratings and complaints; every note stands in the journal."""

slips = table(
    "slips",
    key("slip"),
    Column("day", Date, nullable=False),
    Column("template", String(40), nullable=False),
    Column("number", String(40), nullable=False),
    Column("period", String(8), nullable=False),
    Column("serial", Integer, nullable=False),
    Column("at", Instant, nullable=False),
    Column("by", String(120), nullable=False),
    Column("fields", Text, nullable=False),
    Index("slips_by_number", "hall", "template", "number", unique=True),
)
"""Slips with their running numbers; what they were filled with goes when its time is over."""

slip_prints = table(
    "slip_prints",
    key("print"),
    Column("day", Date, nullable=False),
    Column("slip", String(64), nullable=False),
    Column("template", String(40), nullable=False),
    Column("number", String(40), nullable=False),
    Column("at", Instant, nullable=False),
    Column("device", String(40), nullable=False),
    Column("by", String(120), nullable=False),
    Column("why", String(200), nullable=False, default=""),
    Column("mark", Boolean, nullable=False, default=False),
    Column("outcome", String(20)),
    Column("answered", Instant),
    Column("zh", Text),
    Column("en", Text),
    Index("slip_prints_by_day", "hall", "day"),
    Index("slip_prints_by_number", "hall", "number"),
)
"""Who had which slip or ticket printed where, when and why, and what became of it."""

room_checks = table(
    "room_checks",
    key("room", 40),
    Column("at", Instant, primary_key=True),
    Column("by", String(120)),
    Column("wrong", Text, nullable=False, server_default="", default=""),
    Column("note", Text, nullable=False, server_default="", default=""),
    Index("room_checks_by_time", "hall", "at"),
)
"""`by` is empty where the key in the room was pressed; `wrong` are lines of the check list, with commas."""

notices = table(
    "notices",
    key("notice"),
    Column("zh", Text, nullable=False),
    Column("en", Text, nullable=False),
    Column("zones", Text, nullable=False),
    Column("urgent", Boolean, nullable=False),
    Column("posted", Instant, nullable=False),
    Column("until", Instant),
    Column("ended", Instant),
)

audit = table(
    "audit",
    Column("number", BigInteger, primary_key=True, autoincrement=False),
    Column("day", Date, nullable=False),
    Column("at", Instant, nullable=False),
    Column("actor", String(120), nullable=False),
    Column("what", Text, nullable=False),
    Column("outcome", String(40), nullable=False),
    Index("audit_by_day", "hall", "day"),
)
"""Who asked for what."""

day_work = table(
    "day_work",
    day(),
    key("service", 40),
    key("window", 40),
    key("staff", 40),
    *counts(Counts),
)
"""Roll-ups: what `controller.figures` counts of a day that is over, by service, window and staff member."""

day_hours = table("day_hours", day(), Column("hour", Integer, primary_key=True), key("service", 40), *counts(HourCounts))

day_rooms = table("day_rooms", day(), key("room", 40), *counts(StayCounts))

day_room_hours = table(
    "day_room_hours",
    day(),
    Column("hour", Integer, primary_key=True),
    key("room", 40),
    key("cubicle", 40),
    *counts(RoomHourCounts),
)

days_rolled = table("days_rolled", day(), Column("at", Instant, nullable=False))
"""Days whose roll-ups stand; something that comes late takes its day away from here."""

device_turns = table(
    "device_turns",
    key("node", 40),
    key("device", 40),
    Column("at", Instant, primary_key=True),
    Column("condition", String(20), nullable=False),
    Column("code", String(40), nullable=False, default=""),
    Column("zh", Text, nullable=False, default=""),
    Column("en", Text, nullable=False, default=""),
)
"""When the condition of a device turned, or its code, which says why; of a node, whose device is empty, the condition alone."""

day_devices = table("day_devices", day(), key("node", 40), key("device", 40), *counts(DeviceCounts))
"""Roll-ups of the turns of devices."""

days_watched = table("days_watched", day(), Column("at", Instant, nullable=False))
"""Days whose turns are rolled up. Turns are kept as they are heard, so none comes late."""

outbox = table(
    "outbox",
    Column("number", BigInteger, primary_key=True, autoincrement=False),
    Column("message", String(64), nullable=False),
    Column("webhook", String(40), nullable=False),
    Column("event", String(40), nullable=False),
    Column("stream", String(64), nullable=False),
    Column("at", Instant, nullable=False),
    Column("expires", Instant, nullable=False),
    Column("body", Text, nullable=False),
    Column("state", String(20), nullable=False),
    Column("attempts", Integer, nullable=False, default=0),
    Column("next", Instant, nullable=False),
    Column("ended", Instant),
    Column("said", String(200), nullable=False, default=""),
    Index("outbox_by_stream", "hall", "stream", "state"),
    Index("outbox_by_turn", "hall", "webhook", "state", "next"),
    Index("outbox_by_end", "hall", "webhook", "state", "ended"),
)
"""Messages for webhooks, written with the facts that cause them: waiting, delivered, overtaken or given-up."""

hall_now = table("hall_now", Column("heard", Instant, nullable=False), Column("body", Text, nullable=False))
"""What each hall says of itself now, and when by the database's clock: a `controller.hall_now.HallNow`."""
