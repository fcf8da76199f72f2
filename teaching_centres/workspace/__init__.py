"""The workspaces of a teaching centre (备课中心) and of a prep point (备课点): what is asked of those below and how
it stands, notices with receipts, people's grades, support of weak schools, pairing, visits, the school's line.

`policies` holds the one table of acts. `seams` is where apps above bring their own parts (docs/decisions/0011).
"""
