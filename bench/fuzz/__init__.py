"""Coverage-guided fuzzing of every parser that meets bytes from outside: `python -m bench.fuzz [--seconds N] [TARGET...]`.

Theory. A target is a function of bytes that raises when its property is broken: only the documented refusal may come of
bad input, and what is accepted must come out the same again, or be answered in the API's own words. The bytes are read
as they are where the parser reads bytes; where it reads something with a shape (a body, a snapshot), they are decisions
(`draw.Draw`) about how to edit a sound example, so that small changes of the bytes are small changes of the document.

atheris (libFuzzer) makes the bytes and keeps those that reach new code. It is needed here only: targets and their seeds
are plain functions and data, which the tests run without it, so that they do not rot. Each target carries a bug to be
planted (`Plant`), because a target that cannot fail proves nothing: `--planted` has the fuzzer find it.
"""
