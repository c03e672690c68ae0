"""Worlds that last: the same protocol on a database, SQLite or PostgreSQL, by SQLAlchemy Core.

Theory. A record is a row with its JSON; what it is found by stands in columns beside it, so that a change is one row.
A transaction is a buffer in this process (`collection`, `tasks`): nothing is written before the lock is released, all
reads look through the buffer first, and a rollback throws part of it away. Whoever holds a world's lock holds the row of
that world, and with it all that changes beside its records: time, chance, counts (`store`). What was read under the lock
stays true until somebody else has written, which the row's version tells; so much is answered without asking again.
"""
