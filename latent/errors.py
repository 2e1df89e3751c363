"""What a user can put right."""

from __future__ import annotations


class InputError(ValueError):
    """Something given from outside is wrong; the message says what and what to do.

    The command line prints it as one line and a page as a red box. Any other
    exception is a defect of ours and is shown as one.
    """
