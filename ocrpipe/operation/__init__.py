"""What those who run it at night look at: totals, metrics, a summary, a log, and whether the scans have changed."""
