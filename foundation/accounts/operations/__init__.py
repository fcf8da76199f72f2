"""The only writers of accounts, sessions, codes and second factors.

Rights are decided above (`teaching_centres`), where places and roles are known, and so is the audit trail.
"""

from foundation.accounts.operations.leaving import NAME_OF_THE_GONE as NAME_OF_THE_GONE
from foundation.accounts.operations.leaving import ask_deletion as ask_deletion
from foundation.accounts.operations.leaving import erase as erase
from foundation.accounts.operations.leaving import withdraw_deletion as withdraw_deletion
from foundation.accounts.operations.merging import absorb as absorb
from foundation.accounts.operations.own_second_factor import (
    remove_own_second_factor as remove_own_second_factor,
)
from foundation.accounts.operations.own_second_factor import renew_recovery_codes as renew_recovery_codes
from foundation.accounts.operations.passwords import Opened as Opened
from foundation.accounts.operations.passwords import change_password as change_password
from foundation.accounts.operations.passwords import choose_password as choose_password
from foundation.accounts.operations.passwords import open_by_code as open_by_code
from foundation.accounts.operations.passwords import open_by_link as open_by_link
from foundation.accounts.operations.passwords import opened as opened
from foundation.accounts.operations.people import NewPerson as NewPerson
from foundation.accounts.operations.people import create_people as create_people
from foundation.accounts.operations.people import create_person as create_person
from foundation.accounts.operations.people import issue_codes as issue_codes
from foundation.accounts.operations.people import issue_link as issue_link
from foundation.accounts.operations.people import tidy_name as tidy_name
from foundation.accounts.operations.people import tidy_username as tidy_username
from foundation.accounts.operations.people import usernames_taken as usernames_taken
from foundation.accounts.operations.reset_mail import ask_for_reset as ask_for_reset
from foundation.accounts.operations.reset_mail import purpose_for as purpose_for
from foundation.accounts.operations.reset_mail import send_link as send_link
from foundation.accounts.operations.sessions import end_sessions as end_sessions
from foundation.accounts.operations.signing_in import Step as Step
from foundation.accounts.operations.signing_in import admit as admit
from foundation.accounts.operations.signing_in import person_waiting as person_waiting
from foundation.accounts.operations.signing_in import set_up_second_factor as set_up_second_factor
from foundation.accounts.operations.signing_in import show_second_factor as show_second_factor
from foundation.accounts.operations.signing_in import sign_in as sign_in
from foundation.accounts.operations.signing_in import sign_out as sign_out
