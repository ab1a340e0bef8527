"""The journal: one append-only, hash-chained table that is the audit trail and the state."""
