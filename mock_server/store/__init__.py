"""Where the records of one world live, behind a narrow protocol.

Law of this folder: generic over records. It knows how records are found, never what they mean.
"""
