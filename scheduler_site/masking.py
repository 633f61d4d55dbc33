"""What logs may not hold: people's addresses, tokens, and the data that exceptions quote.

An exception's message often holds what somebody typed (`invalid literal for int(): 'Merger'`).
So it is left out, unless its type is known to speak of programs and machines only. For the same
reason a traceback names files, lines and functions, but shows no values.
"""

import re
import smtplib
import sys
import traceback
from collections.abc import Iterator
from pathlib import Path
from types import TracebackType

import psycopg
from django.core.exceptions import ImproperlyConfigured
from django.db import utils as django_db

TOKEN_PATHS = re.compile(r"(/(?:rsvp|feeds)/)(?!<)[^/\s\"']+")  # a route is no token
API_TOKENS = re.compile(r"(?i)(\bBearer\s+)[\w.~+/=-]+|(sch_)[\w-]{20,}")
ADDRESSES = re.compile(r"[^\s@<>\"'(),:;/]+@[\w-]+(?:\.[\w-]+)+")
# Of an address of the web the host remains: what follows may be a token, and a question typed.
URLS = re.compile(r"([a-z][a-z0-9+.-]*://)(?:[^\s/@\"']*@)?([^\s/?#\"']*)[^\s\"')>,]*", re.I)

TELLING: tuple[type[BaseException], ...] = (
    *(OSError, ImportError, AttributeError, NameError, TypeError, ImproperlyConfigured),
    *(django_db.InterfaceError, django_db.OperationalError, django_db.IntegrityError),
    *(django_db.ProgrammingError, django_db.InternalError),
    *(psycopg.InterfaceError, psycopg.OperationalError, psycopg.IntegrityError),
    *(psycopg.ProgrammingError, psycopg.InternalError),
)
# Mail servers quote what they refuse.
QUOTING = (smtplib.SMTPException,)

ROOT = Path(__file__).resolve().parent.parent
LONGEST_CHAIN = 5
FRAMES = 40  # of each exception at most; the innermost tell most

Raised = tuple[type[BaseException], BaseException, TracebackType | None]


def mask(text: str) -> str:
    """`text` with each address, token and the details of web addresses replaced by `***`."""
    if "@" in text:
        text = ADDRESSES.sub("***@***", text)
    if "://" in text:
        text = URLS.sub(r"\1\2/***", text)
    return API_TOKENS.sub(r"\1\2***", TOKEN_PATHS.sub(r"\1***", text))


def described(error: BaseException) -> str:
    """The type of an exception, and its message's first line if that holds no data."""
    name = f"{type(error).__module__}.{type(error).__qualname__}".removeprefix("builtins.")
    if not isinstance(error, TELLING) or isinstance(error, QUOTING):
        return name
    # A database's further lines (DETAIL, LINE 1) quote rows and statements.
    return f"{name}: {(str(error).splitlines() or [''])[0]}".removesuffix(": ")


def trace(error: BaseException) -> str:
    """A traceback without source lines and values, with what it was caused by."""
    parts = []
    for exception in _chain(error):
        frames = [
            f'  File "{_short(frame.f_code.co_filename)}", line {line}, in {frame.f_code.co_name}'
            for frame, line in traceback.walk_tb(exception.__traceback__)
        ]
        parts.append("\n".join([*frames[-FRAMES:], described(exception)]))
    return mask("\nwhich led to\n".join(reversed(parts)))


def _chain(error: BaseException) -> Iterator[BaseException]:
    following: BaseException | None = error
    for _ in range(LONGEST_CHAIN):
        if following is None:
            return
        yield following
        context = None if following.__suppress_context__ else following.__context__
        following = following.__cause__ or context


def _short(file: str) -> str:
    """The file's path below the folder that programs are imported from."""
    for folder in sorted([str(ROOT), *sys.path], key=len, reverse=True):
        if folder and file.startswith(f"{folder}/"):
            return file[len(folder) + 1 :]
    return file
