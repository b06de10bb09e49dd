"""Where the line runs: in this process, or in several. The rows are the same."""
