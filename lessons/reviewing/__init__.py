"""查阅 (review), recommending upward, and how far a plan resembles earlier ones (docs/decisions/0017-review.md)."""
