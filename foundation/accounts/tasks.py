"""Jobs of the accounts. What they are given holds no secret: the link is made when it is sent."""

from huey.contrib.djhuey import db_task

from foundation.accounts.models import User
from foundation.accounts.operations.reset_mail import send_to_person, send_to_username


@db_task(retries=3, retry_delay=60)
def mail_reset_link(username: str, base: str) -> None:
    send_to_username(username, base)


@db_task(retries=3, retry_delay=60)
def mail_link(person_id: int, base: str, actor_id: int | None) -> None:
    actor = User.objects.filter(pk=actor_id).first() if actor_id else None
    send_to_person(User.objects.get(pk=person_id), base, actor=actor)
