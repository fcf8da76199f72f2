"""A kind of topic for processes of the platform that tests start: everything about a lesson plan, pinned to a board."""
