"""The durable log: what was written to every document, by whom, under which client ids; every topic's events."""

from django.db import models


class DocumentUpdate(models.Model):
    """One stored update. Rows are never changed but for `hot`, and never removed: they are the history.

    `hot` rows are not in the snapshot yet. A compaction clears exactly the rows that it merged, so that a row
    whose transaction commits late (PostgreSQL: id order is not commit order) is never taken for merged.
    """

    document = models.CharField(max_length=80)
    user_id = models.BigIntegerField(null=True)
    mode = models.CharField(max_length=12, default="write")
    clients = models.JSONField(default=list)
    payload = models.BinaryField()
    at = models.DateTimeField()
    hot = models.BooleanField(default=True)

    class Meta:
        indexes = [
            models.Index(fields=["document", "id"]),
            models.Index(
                fields=["document"],
                condition=models.Q(hot=True),
                name="realtime_hot_updates",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.document} #{self.pk}"


class DocumentSnapshot(models.Model):
    """The merged state of a document; its present state is this and the hot updates."""

    document = models.CharField(max_length=80, primary_key=True)
    state = models.BinaryField()
    schema_version = models.PositiveIntegerField()
    at = models.DateTimeField()

    def __str__(self) -> str:
        return self.document


class RescuedCharacter(models.Model):
    """A character that was brought back. Two processes may notice the same loss: the first to store this does it."""

    document = models.CharField(max_length=80)
    client = models.PositiveBigIntegerField()
    clock = models.PositiveBigIntegerField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["document", "client", "clock"], name="character_comes_back_once")
        ]

    def __str__(self) -> str:
        return f"{self.document} {self.client} {self.clock}"


class ClientOwner(models.Model):
    """Whose a Yjs client id is. A frame that writes under someone else's id is refused."""

    document = models.CharField(max_length=80)
    client = models.PositiveBigIntegerField()
    user_id = models.BigIntegerField()
    mode = models.CharField(max_length=12, default="write")

    class Meta:
        constraints = [models.UniqueConstraint(fields=["document", "client"], name="client_id_has_one_owner")]

    def __str__(self) -> str:
        return f"{self.document} {self.client}"


class TopicCounter(models.Model):
    """How far the numbers of a topic have come. Publishing updates this row first: who publishes next waits for it.

    Events up to `cleaned` are kept no longer.
    """

    topic = models.CharField(max_length=80, primary_key=True)
    newest = models.BigIntegerField()
    cleaned = models.BigIntegerField(default=0)

    def __str__(self) -> str:
        return f"{self.topic} {self.newest}"


class TopicEvent(models.Model):
    """One event. `data` is the JSON text as it is sent; `audience` is the label of those who get it, "" for all."""

    pk = models.CompositePrimaryKey("topic", "number")
    topic = models.CharField(max_length=80)
    number = models.BigIntegerField()
    kind = models.CharField(max_length=40)
    data = models.TextField()
    audience = models.CharField(max_length=80, default="")
    actor_id = models.BigIntegerField(null=True)
    at = models.DateTimeField()

    def __str__(self) -> str:
        return f"{self.topic} #{self.number}"
