"""Finding messages among a million: each question is one that an index answers."""

from uuid import UUID

from django.db.models import Q

from meetings.catalogue import titled
from meetings.models import Meeting
from notifications.entries import BEGINNINGS
from notifications.models import Delivery, DeliveryQuerySet


def holding(word: str) -> Q:
    """The messages with this word.

    It is their uid or their meeting's, or how the address begins, or it is in the reason of a
    failure, or a word in the title of a meeting that is not private begins so.
    """
    try:
        uid = UUID(word)
    except ValueError:
        pass
    else:
        of_meeting = Delivery.objects.filter(meeting__in=Meeting.objects.filter(uid=uid))
        return _among(Delivery.objects.filter(uid=uid), of_meeting)
    begins = Q(address__startswith=word) | Q(address__startswith=word.lower())
    # What is not shown of an address cannot be guessed letter by letter either.
    guessed = [channel for channel, most in BEGINNINGS.items() if len(word) > most]
    to = Q(address=word) | (begins & ~Q(channel__in=guessed))
    failed = Delivery.objects.exclude(error="").filter(error__icontains=word)
    found = [Delivery.objects.filter(to), failed]
    if named := titled(word):
        public = Meeting.objects.filter(named).exclude(visibility=Meeting.Visibility.PRIVATE)
        found.append(Delivery.objects.filter(meeting__in=public))
    return _among(*found)


def _among(first: DeliveryQuerySet, *others: DeliveryQuerySet) -> Q:
    """Those in any of them; one after the other, since together no index would serve them."""
    return Q(pk__in=first.values("pk").union(*(found.values("pk") for found in others)))
