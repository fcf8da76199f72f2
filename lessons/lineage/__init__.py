"""From the shared plan (共案) to one's own version (个案) and back: an own version stays connected, what changes in the
shared plan is offered to it part by part, and an own part can be offered to the shared plan
(docs/decisions/0015-lineage.md). Registered in `lessons.apps`.
"""
