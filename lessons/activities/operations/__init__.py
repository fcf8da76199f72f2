"""The only writers of activities. Each checks the policy, records what was done, and takes effect on commit."""

from lessons.activities.operations.course import close as close
from lessons.activities.operations.course import hand_in as hand_in
from lessons.activities.operations.course import open_activity as open_activity
from lessons.activities.operations.course import reopen as reopen
from lessons.activities.operations.course import settle as settle
from lessons.activities.operations.course import start_own as start_own
from lessons.activities.operations.course import step_back as step_back
from lessons.activities.operations.drafts import MOST_PEOPLE as MOST_PEOPLE
from lessons.activities.operations.drafts import Facts as Facts
from lessons.activities.operations.drafts import appoint as appoint
from lessons.activities.operations.drafts import call as call
from lessons.activities.operations.drafts import change as change
from lessons.activities.operations.drafts import discard as discard
from lessons.activities.operations.drafts import draft as draft
from lessons.activities.operations.drafts import uncall as uncall
from lessons.activities.operations.taking_part import answer as answer
from lessons.activities.operations.taking_part import finish_item as finish_item
from lessons.activities.operations.taking_part import make_own as make_own
from lessons.activities.operations.taking_part import raise_item as raise_item
