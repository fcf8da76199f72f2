"""May this person do this in the discussion of a plan? Whoever may read the plan reads all of its discussion.

- Who may comment on the plan begins threads and replies.
- A thread is settled and taken up again by who began it and by who may write the plan.
- The consensus of a question is written by who answers for the plan: its owner, the lead preparer.
- What one has said oneself, one may change and delete while one may comment.
"""

from django.utils.translation import gettext as _

from foundation.accounts.models import User
from lessons.discussion.models import Comment, Thread
from lessons.errors import Denied
from lessons.policies import Rights, require_comment


def may_change_state(user: User, thread: Thread, rights: Rights) -> bool:
    return rights.write or (rights.comment and thread.created_by_id == user.pk)


def may_conclude(rights: Rights) -> bool:
    return rights.manage and rights.comment


def may_change(user: User, comment: Comment, rights: Rights) -> bool:
    return rights.comment and comment.author_id == user.pk and comment.deleted_at is None


def require_change_state(user: User, thread: Thread) -> Rights:
    rights = require_comment(user, thread.plan)
    if not may_change_state(user, thread, rights):
        raise Denied(_("提出的人和能改这份教案的人才能标“处理好了”。"))
    return rights


def require_conclude(user: User, thread: Thread) -> Rights:
    rights = require_comment(user, thread.plan)
    if not may_conclude(rights):
        raise Denied(_("共识由教案的主人（主备人）来写。你可以写下观点。"))
    return rights


def require_change(user: User, comment: Comment) -> Rights:
    rights = require_comment(user, comment.thread.plan)
    if not may_change(user, comment, rights):
        raise Denied(_("只能改自己说的话。"))
    return rights
