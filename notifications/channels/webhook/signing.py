"""Signatures by which a receiver knows that a message is ours, as Standard Webhooks has them."""

import base64
import hashlib
import hmac
from datetime import datetime

VERSION = "v1"
PREFIX = "whsec_"


def shown_secret(secret: str) -> str:
    """The secret as its receiver is given it: after the prefix, the key in base64."""
    return PREFIX + base64.b64encode(secret.encode()).decode()


def signed_headers(secret: str, uid: str, body: bytes, now: datetime) -> dict[str, str]:
    """The headers that name and sign a message.

    The signature is an HMAC with SHA-256, keyed with the secret's characters, of the id, the
    time in seconds since 1970 and the body, with full stops between them.
    """
    at = str(int(now.timestamp()))
    signed = b".".join([uid.encode(), at.encode(), body])
    mac = hmac.new(secret.encode(), signed, hashlib.sha256).digest()
    return {
        "Webhook-Id": uid,
        "Webhook-Timestamp": at,
        "Webhook-Signature": f"{VERSION},{base64.b64encode(mac).decode()}",
    }
