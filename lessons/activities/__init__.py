"""Collective preparation (集体备课): the term plan, the call, and the stages from first draft to reflection
(docs/decisions/0014-preparation-activities.md).
"""
