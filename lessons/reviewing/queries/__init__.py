"""Reads for the pages of reviewing: plain data, a fixed number of queries however long a list is."""

from lessons.reviewing.queries.chain import Chain as Chain
from lessons.reviewing.queries.chain import chain_of as chain_of
from lessons.reviewing.queries.chain import waiting_page as waiting_page
from lessons.reviewing.queries.likeness import figure_of as figure_of
from lessons.reviewing.queries.likeness import likeness_of as likeness_of
from lessons.reviewing.queries.queue import STATES as STATES
from lessons.reviewing.queries.queue import Filters as Filters
from lessons.reviewing.queries.queue import choices_for as choices_for
from lessons.reviewing.queries.queue import current_submission as current_submission
from lessons.reviewing.queries.queue import first_todo as first_todo
from lessons.reviewing.queries.queue import own_page as own_page
from lessons.reviewing.queries.queue import phrases_of as phrases_of
from lessons.reviewing.queries.queue import place_of as place_of
from lessons.reviewing.queries.queue import review_page as review_page
from lessons.reviewing.queries.queue import submission_for as submission_for
from lessons.reviewing.queries.reviews import given_page as given_page
from lessons.reviewing.queries.reviews import reviews_of as reviews_of
