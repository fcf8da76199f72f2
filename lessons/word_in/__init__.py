"""Plans from Word files: upload, reading in a job, what was recognised and what is left out, the plans."""
