"""运行状况: how every serving process is, what they share, and what to do when something is bad."""
