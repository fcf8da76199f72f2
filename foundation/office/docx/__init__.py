"""Word documents in (`reading`) and out. Pure: neither Django nor a database."""
