"""Tasks of signed records in the calendar of whoever has to do them."""

from datetime import date

from django.utils.translation import gettext as _

from foundation.accounts.models import User
from foundation.notices.calendar import Appointment
from foundation.records.queries import tasks_of


def appointments_of(user: User, first: date, last: date) -> list[Appointment]:
    return [
        Appointment(
            key=f"record-task:{task.pk}",
            starts=task.due,
            ends=task.due,
            summary=_("任务到期：%(title)s") % {"title": task.text},
            location=task.record.subject_label,
            changed_at=task.changed_at,
        )
        for task in tasks_of(user).filter(due__range=(first, last))
        if task.due is not None
    ]
