"""A process without rooms that publishes: `python -m tests.realtime.client.publish --name A --count 50 TOPIC …`.

In the database of the environment. Each of its transactions publishes to one of the topics or to several, and every
fifth is rolled back.
"""

import argparse
import contextlib
import os
import random

import django


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("topics", nargs="+", metavar="TOPIC")
    parser.add_argument("--name", required=True)
    parser.add_argument("--count", type=int, required=True)
    arguments = parser.parse_args()
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "tests.support.board_settings")
    django.setup()
    publish_at_random(random.Random(arguments.name), arguments.topics, arguments.name, arguments.count)


def publish_at_random(rng: random.Random, some: list[str], name: str, count: int) -> None:
    from django.db import transaction

    from realtime import topics

    for number in range(count):
        chosen = rng.sample(some, rng.randint(1, len(some)))
        events = [topics.NewEvent(topic, "pinned", {"name": name, "n": number}) for topic in chosen]
        with contextlib.suppress(ZeroDivisionError), transaction.atomic():
            topics.publish_many(events)
            if number % 5 == 4:
                raise ZeroDivisionError


if __name__ == "__main__":
    main()
