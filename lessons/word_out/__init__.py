"""A plan on paper: as a Word document by the standard form or by somebody's own, as PDF, many at once. Decision 19."""
