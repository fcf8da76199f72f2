"""Every limit of the live core: what it bounds, its unit, its default and the reason for it.

An operator may override any of them in settings.REALTIME, e.g. REALTIME = {"FRAME_BYTES": 4_000_000}.
"""

from django.conf import settings


def _limit(name: str, default: float) -> int:
    return int(getattr(settings, "REALTIME", {}).get(name, default))


# bytes in one frame: a day-long plan with its whole offline history fits, a film does not
FRAME_BYTES = _limit("FRAME_BYTES", 8_000_000)
# bytes of one document's state: far above any plan (1 MB of text), far below what a browser cannot open
DOCUMENT_BYTES = _limit("DOCUMENT_BYTES", 32_000_000)
# bytes of one person's awareness state: a cursor and a name; more is not a cursor
AWARENESS_BYTES = _limit("AWARENESS_BYTES", 4_000)
# bytes of one awareness frame: a stock client repeats the cursors of everybody else
AWARENESS_FRAME_BYTES = _limit("AWARENESS_FRAME_BYTES", 200_000)
# bytes of one frame from a connection that may not write: its state vector
READER_FRAME_BYTES = _limit("READER_FRAME_BYTES", 100_000)
# bytes of an update above which it is taken apart in a thread, so that everybody else's work goes on
LARGE_UPDATE_BYTES = _limit("LARGE_UPDATE_BYTES", 50_000)
# client ids that one update may make its sender's: a reload makes one, a long offline time some
NEW_CLIENTS = _limit("NEW_CLIENTS", 256)
# awareness client ids one connection may speak for: an editor has one, a page with two editors two
AWARENESS_CLIENTS = _limit("AWARENESS_CLIENTS", 4)
# milliseconds between two awareness frames of a room: cursors look live, forty of them cost one frame
AWARENESS_MILLISECONDS = _limit("AWARENESS_MILLISECONDS", 40)
# bytes that one room has received and not checked yet before its connections are read no further
PENDING_BYTES = _limit("PENDING_BYTES", 4_000_000)
# bytes waiting to be sent to one connection before it gets no more frames, but one difference once they have left
OUTBOX_BYTES = _limit("OUTBOX_BYTES", 1_000_000)
# seconds a connection may stay behind before it is closed: a line so thin is better served by a fresh start
BEHIND_SECONDS = _limit("BEHIND_SECONDS", 60)
# seconds that a commit may take of late for the loop to do it itself (SQLite only): meanwhile everything else waits
COMMIT_IN_LOOP_SECONDS = 0.003
# updates that a room passes on before it takes them all into its document, which costs little more than one
UNREAD_UPDATES = 50
# milliseconds a busy room rests at most between two groups of updates (it rests as long as the last one took)
REST_MILLISECONDS = _limit("REST_MILLISECONDS", 50)
# seconds after a writer came in which the document is unpacked: first it is sent
OPEN_SECONDS = 0.05
# connections of one person to one document: several tabs and machines, not a flood
CONNECTIONS_PER_PERSON = _limit("CONNECTIONS_PER_PERSON", 20)
# times a connection may send what builds on things unknown here before it is closed
GAPS_PER_CONNECTION = _limit("GAPS_PER_CONNECTION", 20)
# times one connection may make the server read a document's whole history, to place text for what was removed
LOOKS_BACK_PER_CONNECTION = _limit("LOOKS_BACK_PER_CONNECTION", 5)
# seconds between two signs of life to a quiet connection (stock clients give up after 30)
QUIET_SECONDS = _limit("QUIET_SECONDS", 20)
# seconds between two calls of DocumentKind.stored while people write (and one when somebody leaves)
STORED_SECONDS = _limit("STORED_SECONDS", 10)
# seconds without a change that end a stretch of work (an automatic version is made then)
SETTLED_SECONDS = _limit("SETTLED_SECONDS", 300)
# seconds an empty room is kept: a page reload finds it warm
IDLE_SECONDS = _limit("IDLE_SECONDS", 30)
# hot updates that make a compaction worth while: opening a document reads at most about this many rows
COMPACT_UPDATES = _limit("COMPACT_UPDATES", 400)
# seconds a state from before a block was removed is kept to place characters that are still on their way
GRAVE_SECONDS = _limit("GRAVE_SECONDS", 60)
GRAVES = _limit("GRAVES", 8)
# seconds between two looks into the log for what no message told of
WATCH_SECONDS = _limit("WATCH_SECONDS", 1)
# seconds a look goes back: longer than any transaction that writes to the log stays open
WATCH_BACK_SECONDS = _limit("WATCH_BACK_SECONDS", 15)
# seconds between two times that every open connection is judged again (rights end by the calendar, sessions expire)
JUDGE_SECONDS = _limit("JUDGE_SECONDS", 60)
# messages waiting for Redis before the oldest are dropped (and found in the log)
RELAY_MESSAGES = _limit("RELAY_MESSAGES", 10_000)
# bytes of an update that is sent along in a message; a larger one is read from the log
RELAY_BYTES = _limit("RELAY_BYTES", 500_000)
# bytes of one event's data: a comment, not a document
TOPIC_EVENT_BYTES = _limit("TOPIC_EVENT_BYTES", 8_000)
# events and bytes of one frame: who was away for long asks for one after the other
TOPIC_FRAME_EVENTS = _limit("TOPIC_FRAME_EVENTS", 500)
TOPIC_FRAME_BYTES = _limit("TOPIC_FRAME_BYTES", 100_000)
# milliseconds between two frames of a topic: of a whole hall that votes, the votes arrive together
TOPIC_MILLISECONDS = _limit("TOPIC_MILLISECONDS", 40)
# topics that one connection may follow: a page has a handful
TOPICS_PER_CONNECTION = _limit("TOPICS_PER_CONNECTION", 50)
# pages of topics that a connection gets in a second, and how many at once before it has to wait for the next
TOPIC_PAGES_PER_SECOND = _limit("TOPIC_PAGES_PER_SECOND", 50)
TOPIC_PAGES_AT_ONCE = _limit("TOPIC_PAGES_AT_ONCE", 100)
# seconds after which people that another process told of are taken for gone
REMOTE_PRESENCE_SECONDS = _limit("REMOTE_PRESENCE_SECONDS", 35)
# seconds after which a process brings back text that another one should have brought back
RESCUE_WAIT_SECONDS = 1.5
# seconds between two attempts to store when the database refuses (full disk, restart)
RETRY_SECONDS = 1
