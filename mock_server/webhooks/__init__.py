"""Getting events to endpoints: signing, posting, and the dispatcher that does prepare, post, settle."""
