"""Word documents in (`reading`), out (`writing`) and filled in (`filling`). Pure: neither Django nor a database."""

LABEL_STYLE = "PlanLabel"
"""Of the paragraphs in head cells of what we write."""
GAP_STYLE = "PlanGap"
"""Of the empty paragraphs that Word needs between and after the tables that we write."""
