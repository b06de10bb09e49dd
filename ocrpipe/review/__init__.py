"""What the machine doubts, before people: the work queue, the record of decisions, the page, and the export.

`queue` says which rows need a person, `record` keeps what people decided, `settling` what that makes of a field,
`desk` who is shown what next; `web` is the page over them.
"""
