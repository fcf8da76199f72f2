"""Jobs of the accounts."""

from huey.contrib.djhuey import db_task

from foundation.accounts.operations.reset_mail import send_reset_link


@db_task(retries=3, retry_delay=60)
def mail_reset_link(username: str, base: str) -> None:
    send_reset_link(username, base)
