"""What a form may take, and how its process says that it took more."""

CPU_SECONDS = 20
SECONDS = 40
MEMORY = 1536 * 1024**2
LARGEST = 64 * 1024**2
"""Bytes of the filled document."""
WRONG_FORM, TOO_LONG = 3, 4
"""Exit codes."""
