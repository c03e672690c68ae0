"""The vendors: speech, and nothing else. Paths, names, envelopes, headers and payloads differ; rules do not (D29).

Law of this folder: one sub-folder a vendor, the same five files in each: `__init__` (the dialect), `routes`, `wire`
(records to JSON), `problems` (refusals to statuses and codes), `hooks` (events to signed bytes); and one line in the
`registry`.
"""
