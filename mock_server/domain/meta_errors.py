"""WhatsApp's table of error codes (Meta's page support/error-codes and, where it is silent, what vendors observed).

Titles are Meta's own where it gives one. A code that is not here is passed on with a title that says so.
"""

from mock_server.domain.messages import MetaError

UNTITLED = "Error"
"""The title of a code that Meta gives none."""

TITLES: dict[int, tuple[str, str]] = {
    0: ("AuthException", "The app user could not be authenticated."),
    1: ("API Unknown", "Invalid request or possible server error."),
    2: ("API Service", "Temporary issue due to downtime or overload."),
    3: ("API Method", "Capability or permissions issue."),
    4: ("API Too Many Calls", "The app has reached its API call rate limit."),
    10: ("Permission Denied", "Permission is not granted or was removed."),
    33: ("Parameter value is not valid", "The business phone number has been deleted."),
    100: ("Invalid parameter", "The request has an unsupported or misspelled parameter."),
    102: (UNTITLED, "The access token is missing or invalid."),
    104: (UNTITLED, "The access token is missing or invalid."),
    190: ("Access token has expired", "The access token has expired."),
    200: ("API Permission", "Permission is not granted or was removed."),
    368: (
        "Temporarily blocked for policies violations",
        "The account is restricted or disabled for a policy violation.",
    ),
    470: (UNTITLED, "The message was sent outside the allowed window of 24 hours."),
    80007: ("Rate limit issues", "The account has reached its rate limit."),
    80008: (UNTITLED, "There were too many calls to this account."),
    130403: (UNTITLED, "The business has blocked this user."),
    130429: ("Rate limit hit", "Cloud API message throughput has been reached."),
    130472: ("User's number is part of an experiment", "The message was not sent as part of an experiment."),
    130497: (
        "Business account is restricted from messaging users in this country",
        "The account may not message users in this country.",
    ),
    131000: ("Something went wrong", "The message failed to send because of an unknown error."),
    131005: ("Access denied", "Permission is not granted or was removed."),
    131008: ("Required parameter is missing", "The request is missing a required parameter."),
    131009: ("Parameter value is not valid", "One or more parameter values are invalid."),
    131016: ("Service unavailable", "A service is temporarily unavailable."),
    131021: ("Recipient cannot be sender", "The recipient's number is the sender's own."),
    131026: ("Message Undeliverable", "The recipient is not on WhatsApp, or cannot receive this message."),
    131030: ("Recipient phone number not in allowed list", "The recipient's number is not on the test number's list."),
    131031: ("Account has been locked", "The account is restricted, or its data could not be verified."),
    131037: (UNTITLED, "The 555 number has no approved display name."),
    131042: ("Business eligibility payment issue", "There is a problem with the payment method."),
    131045: ("Incorrect certificate", "The phone number could not be registered."),
    131047: (
        "Re-engagement message",
        "More than 24 hours have passed since the customer last replied to this number; send a template message instead.",
    ),
    131048: ("Spam rate limit hit", "Messages from this number are restricted because too many were reported as spam."),
    131049: (
        "This message was not delivered to maintain healthy ecosystem engagement.",
        "In order to maintain a healthy ecosystem engagement, the message failed to be delivered.",
    ),
    131050: (UNTITLED, "The recipient has stopped marketing messages from this business."),
    131051: ("Unsupported message type", "The message's type is not supported."),
    131052: ("Media download error", "The media that the user sent could not be fetched."),
    131053: ("Media upload error", "The media of the message could not be fetched."),
    131055: ("Method not allowed", "Only marketing templates can be sent this way."),
    131056: (
        "(Business Account, Consumer Account) pair rate limit hit",
        "Too many messages to the same recipient in a short time.",
    ),
    131057: ("Account in maintenance mode", "The account is in maintenance, for instance for more throughput."),
    131060: ("This message is currently unavailable.", "The message cannot be shown on this number."),
    131061: (UNTITLED, "Meta names this code without saying what it means."),
    131062: (
        "Business-scoped User ID (BSUID) recipients are not supported for this message.",
        "Send this message to a phone number.",
    ),
    131063: (UNTITLED, "Marketing templates are disabled on this API."),
    131064: (UNTITLED, "The limit was reached because of template classification violations."),
    132000: ("Number of parameters does not match the expected number of params", "Template parameter count mismatch."),
    132001: ("Template name does not exist in the translation", "No such template in this language, or not approved."),
    132005: ("Template Hydrated Text Too Long", "The text with its variables filled in is too long."),
    132007: ("Template Format Character Policy Violated", "The content violates a policy."),
    132012: ("Template Parameter Format Mismatch", "A variable's value has the wrong format."),
    132015: ("Template is Paused", "The template is paused because of low quality."),
    132016: ("Template is Disabled", "The template was paused too many times and is now disabled for good."),
    132018: ("Template validation error", "There is an issue with the template's parameters."),
    132068: ("Flow is blocked", "The flow is blocked."),
    132069: ("Flow is throttled", "The flow was sent too often in the last hour."),
    133000: ("Incomplete Deregistration", "An earlier deregistration did not complete."),
    133004: ("Server Temporarily Unavailable", "The server is temporarily unavailable."),
    133005: ("Two step verification PIN Mismatch", "The PIN is wrong."),
    133006: ("Phone number re-verification needed", "The phone number must be verified again."),
    133008: ("Too Many two step verification PIN Guesses", "Too many wrong PINs."),
    133009: ("Two step verification PIN Guessed Too Fast", "The PIN was entered too fast."),
    133010: ("Phone number Not Registered", "The phone number is not registered."),
    133015: ("Please wait a few minutes before attempting to register", "The number was deleted a short while ago."),
    133016: ("Account register deregister rate limit exceeded", "Too many registrations for this number."),
    134011: (UNTITLED, "The terms of WhatsApp Payments are not accepted yet."),
    134100: ("Only marketing messages supported", "Only marketing templates can be sent this way."),
    134101: ("Your template is still syncing", "Try again in up to ten minutes."),
    134102: ("Template unavailable for use", "The template cannot be used."),
    135000: ("Generic user error", "An unknown error with the request's parameters."),
    137000: (UNTITLED, "The recipient's identity key has changed."),
    139000: ("Blocked by Integrity", "The flow was blocked."),
    147001: (UNTITLED, "The username is not available."),
    200005: (UNTITLED, "Template insights are not available."),
    200006: (UNTITLED, "Template insights cannot be switched off."),
    200007: (UNTITLED, "Template insights are not switched on."),
}

LATER = frozenset(
    {470, 130403, 130472, 131026, 131042, 131047, 131048, 131049, 131050, 131052, 131053, 131060, 131061, 131064}
)
"""Codes that reach a message after it was accepted, as far as anybody has seen; Meta publishes no list. The rest are the
answer to the call."""

DEFAULT_FAILURE = 131026
"""What a message fails with when no code is named: undeliverable."""


def meta_error(code: int) -> MetaError:
    """The error with this code, as WhatsApp words it."""
    title, details = TITLES.get(code, (UNTITLED, f"Error {code}, which WhatsApp's table of codes does not list."))
    return MetaError(code, title, details)
