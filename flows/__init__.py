"""The data's path: inbox, reading, values, judging, store, totals, emit; `annual` runs it, `job` holds it."""
