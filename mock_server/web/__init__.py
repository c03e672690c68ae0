"""What every door needs: reading and checking requests by a spec, keys, rate limit, answers; and the control plane.

Law of this folder: it may know Flask, it may not know a vendor. A door is opened with a vendor's spec and words.
"""
