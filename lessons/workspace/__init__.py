"""What lesson plans bring into the workspaces of centres and schools: plans attached to tasks, exemplars, a school's
plans by subject and week. Registered in `lessons.apps` (docs/decisions/0011-workspaces.md).
"""
