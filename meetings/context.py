"""What the rail beside every page shows."""

from django.http import HttpRequest


def rail(request: HttpRequest) -> dict[str, object]:
    """`waiting`: the invitations that wait for the reader's answer; `waiting_count`: how many."""
    return {}
