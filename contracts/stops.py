"""Why a law ends before it has seen what it wanted to see. Each of these has its line in the ledger."""


class Denied(Exception):
    """The profile does not allow this request. It was not sent."""


class OverBudget(Exception):
    """No request is left, or no time. The message says which option gives more."""


class Unanswered(Exception):
    """This call got no answer; the message says how it ended."""


class Gone(Unanswered):
    """Call after call got no answer: nobody is there."""


class NotReached(Exception):
    """The law could not be looked at. `required` is false when only an optional means is missing."""

    def __init__(self, reason: str, *, required: bool = True) -> None:
        super().__init__(reason)
        self.required = required
