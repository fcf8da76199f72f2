"""Where the process that runs jobs looks for those of the platform itself."""

from prep_platform.running import jobs

__all__ = ["jobs"]
