"""Reads for the page 个案与共案 and for 今日."""

from lessons.lineage.queries.common import begin as begin
from lessons.lineage.queries.common import said_by as said_by
from lessons.lineage.queries.own import own_version_page as own_version_page
from lessons.lineage.queries.own import sendable as sendable
from lessons.lineage.queries.shared import shared_plan_page as shared_plan_page
from lessons.lineage.queries.shared import to_do as to_do
