"""The durable log of every document: what was written, by whom, under which Yjs client ids."""

from django.db import models


class DocumentUpdate(models.Model):
    """One stored update, in the order in which this document accepted them. Never changed, only compacted away."""

    document = models.CharField(max_length=80)
    user_id = models.BigIntegerField(null=True)
    mode = models.CharField(max_length=12, default="write")
    clients = models.JSONField(default=list)
    payload = models.BinaryField()
    at = models.DateTimeField()

    class Meta:
        indexes = [models.Index(fields=["document", "id"])]


class DocumentSnapshot(models.Model):
    """The merged state of a document; the hot state is this plus the updates with a larger id."""

    document = models.CharField(max_length=80, primary_key=True)
    state = models.BinaryField()
    through_id = models.BigIntegerField()
    schema_version = models.PositiveIntegerField()
    at = models.DateTimeField()


class ClientOwner(models.Model):
    """Whose a Yjs client id is. A frame that writes under someone else's id is refused."""

    document = models.CharField(max_length=80)
    client = models.PositiveBigIntegerField()
    user_id = models.BigIntegerField()
    mode = models.CharField(max_length=12, default="write")

    class Meta:
        constraints = [models.UniqueConstraint(fields=["document", "client"], name="client_id_has_one_owner")]
