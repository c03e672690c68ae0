"""What the pytest plugin stands on: a fake in the test's own process, with no sockets and no sleeping.

    client library -> exchange -> the same WSGI application that `serve` serves -> the same worlds
    worlds -> dispatcher -> InProcess transport -> the receiver under test, called as a function

A `Lab` is one fake for a whole session; a `Handle` is one organization in it for one test. Nothing here is imported
before the first test asks for a fixture.
"""
