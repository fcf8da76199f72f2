"""The only writers of the network.

Each takes the `actor` and checks the policy; `actor=None` is the operator at the command line (the
demo, `load_divisions`), never a visitor. What people may do changes with the network, so each change
is announced through `effects` once it is committed.
"""

from teaching_centres.operations.accounts import delete_person as delete_person
from teaching_centres.operations.accounts import end_sessions as end_sessions
from teaching_centres.operations.accounts import issue_code as issue_code
from teaching_centres.operations.accounts import issue_codes as issue_codes
from teaching_centres.operations.accounts import mail_link as mail_link
from teaching_centres.operations.accounts import place_about as place_about
from teaching_centres.operations.accounts import remove_second_factor as remove_second_factor
from teaching_centres.operations.accounts import set_active as set_active
from teaching_centres.operations.common import place_in as place_in
from teaching_centres.operations.divisions import Loaded as Loaded
from teaching_centres.operations.divisions import load_divisions as load_divisions
from teaching_centres.operations.memberships import change_end as change_end
from teaching_centres.operations.memberships import end_membership as end_membership
from teaching_centres.operations.memberships import grant_membership as grant_membership
from teaching_centres.operations.memberships import refuse_wrong_membership as refuse_wrong_membership
from teaching_centres.operations.memberships import transfer_membership as transfer_membership
from teaching_centres.operations.people import add_person as add_person
from teaching_centres.operations.people import change_leave as change_leave
from teaching_centres.operations.people import change_person as change_person
from teaching_centres.operations.people import merge_people as merge_people
from teaching_centres.operations.people import record_leave as record_leave
from teaching_centres.operations.people import retire as retire
from teaching_centres.operations.people import tell_apart as tell_apart
from teaching_centres.operations.people import withdraw_leave as withdraw_leave
from teaching_centres.operations.regions import add_region as add_region
from teaching_centres.operations.regions import change_centre as change_centre
from teaching_centres.operations.regions import change_region as change_region
from teaching_centres.operations.regions import move_region as move_region
from teaching_centres.operations.regions import open_centre as open_centre
from teaching_centres.operations.school_merges import carry_out_due as carry_out_due
from teaching_centres.operations.school_merges import merge_schools as merge_schools
from teaching_centres.operations.school_merges import withdraw_merge as withdraw_merge
from teaching_centres.operations.schools import change_school as change_school
from teaching_centres.operations.schools import close_prep_point as close_prep_point
from teaching_centres.operations.schools import close_school as close_school
from teaching_centres.operations.schools import create_school as create_school
from teaching_centres.operations.schools import open_prep_point as open_prep_point
from teaching_centres.operations.schools import refuse_wrong_school as refuse_wrong_school
from teaching_centres.operations.schools import reopen_school as reopen_school
from teaching_centres.operations.schools import why_no_prep_point as why_no_prep_point
