from itertools import islice

from django.db import migrations

import foundation.accounts.models
from foundation.accounts.names import sort_key

BATCH = 1000


def fill(apps, schema_editor):
    User = apps.get_model("accounts", "User")
    rows = User.objects.only("pk", "name").iterator(chunk_size=BATCH)
    while batch := list(islice(rows, BATCH)):
        for user in batch:
            user.name_key = sort_key(user.name)
        User.objects.bulk_update(batch, ["name_key"])


class Migration(migrations.Migration):
    dependencies = [
        ("accounts", "0002_ways_in"),
    ]

    operations = [
        migrations.AddField(
            model_name="user",
            name="name_key",
            field=foundation.accounts.models.NameKeyField(db_index=True, default="", editable=False, max_length=255),
        ),
        migrations.RunPython(fill, migrations.RunPython.noop),
    ]
