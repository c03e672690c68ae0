"""The rules of WhatsApp messaging as tables and frozen values.

Law of this folder: no Flask, no clock, no socket, no dice, no store. Functions are given values and return values, or
refuse (`errors.Refusal`). Times are `Instant`s, phone numbers E.164 strings.
"""
