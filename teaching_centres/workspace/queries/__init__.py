"""Reads for the pages of the workspaces: plain data, a fixed number of queries however long a list is."""
