"""What logs may not hold: the tokens that open an invitation, a feed or the API."""

import logging
import re

TOKEN_PATHS = re.compile(r"(/(?:rsvp|feeds)/)[^/\s\"']+")
API_TOKENS = re.compile(r"(?i)(\bBearer\s+)[\w.~+/=-]+|(sch_)[\w-]{20,}")


def mask_tokens(text: str) -> str:
    """`text` with the token in each address or header replaced by `***`."""
    return API_TOKENS.sub(r"\1\2***", TOKEN_PATHS.sub(r"\1***", text))


class MaskTokens(logging.Filter):
    """Masks the message of each record, its arguments and its traceback's text included."""

    def filter(self, record: logging.LogRecord) -> bool:
        """Rewrite the record in place; nothing is dropped."""
        record.msg, record.args = mask_tokens(record.getMessage()), None
        if record.exc_info and not record.exc_text:
            record.exc_text = logging.Formatter().formatException(record.exc_info)
        if record.exc_text:
            record.exc_text = mask_tokens(record.exc_text)
        return True
