"""What every process counts, and how it is called. docs/operation.md says what each means.

Nothing that tells of a person may become a label: no name, address, title or token. Every label has
few values, fixed in code. What can be asked of the database is not counted here.
"""

from prometheus_client import Counter, Gauge, Histogram, values

from accounts import processes

_known = False


def _number() -> int | None:
    """Ours. The library asks at once, before anything is counted: no reason to take one yet."""
    global _known
    known, _known = _known, True
    return processes.number() if known else None


# Before the first meter: the processes of a machine count into files, which are read as one.
values.ValueClass = values.MultiProcessValue(_number)  # type: ignore[no-untyped-call]

TO_TEN_SECONDS = (0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 10.0)
TO_A_SECOND = (0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 1.0)
TO_AN_HOUR = (0.25, 0.5, 1.0, 2.5, 5.0, 15.0, 60.0, 180.0, 300.0, 900.0, 3600.0)
QUARTER = 900.0
LENGTHS = tuple(n * QUARTER for n in (1, 2, 3, 4, 6, 8, 12, 16, 32, 96, 192, 480))

# Requests ------------------------------------------------------------------
api_requests = Histogram(
    "api_request_duration_seconds",
    "How long requests to the REST API took.",
    ["method", "route", "status"],
    buckets=TO_TEN_SECONDS,
)
page_requests = Histogram(
    "page_request_duration_seconds",
    "How long requests for pages took.",
    ["method", "page", "status"],
    buckets=TO_TEN_SECONDS,
)
requests_in_progress = Gauge(
    "requests_in_progress",
    "Requests that are being answered.",
    ["process"],
    multiprocess_mode="livesum",
)
request_threads = Gauge(
    "request_threads",
    "How many requests can be answered at once.",
    ["process"],
    multiprocess_mode="livesum",
)
queries = Histogram(
    "database_query_duration_seconds",
    "How long queries took, seen from the process that asked.",
    ["process", "operation"],
    buckets=TO_A_SECOND,
)

# Meetings ------------------------------------------------------------------
meetings_created = Counter(
    "meetings_created_total", "Meetings booked; a series is one.", ["repeats"]
)
meeting_lengths = Histogram(
    "meeting_length_seconds", "Lengths of the meetings booked.", ["all_day"], buckets=LENGTHS
)
invitations = Counter("invitations_created_total", "People invited.", ["repeats"])
answers = Counter("invitation_answers_total", "Answers to invitations.", ["answer"])

# Conflicts -----------------------------------------------------------------
conflict_checks = Histogram(
    "conflict_check_duration_seconds",
    "How long it took to find what stands against a time.",
    ["dates"],
    buckets=TO_A_SECOND,
)
conflicts_detected = Counter(
    "conflicts_detected_total", "What collided when somebody saved.", ["problem"]
)
conflict_outcomes = Counter(
    "conflict_outcomes_total", "How saving something that collided ended.", ["policy", "outcome"]
)
conflict_decisions = Counter(
    "conflict_decisions_total", "What was decided for dates of series.", ["decision"]
)

# Messages ------------------------------------------------------------------
deliveries = Histogram(
    "delivery_duration_seconds",
    "From when a message might leave until it had left, reminders left out.",
    ["channel"],
    buckets=TO_AN_HOUR,
)
reminders = Histogram(
    "reminder_lateness_seconds",
    "From when a reminder was to leave until it had left.",
    ["channel"],
    buckets=TO_AN_HOUR,
)
deliveries_failed = Counter("deliveries_failed_total", "Messages that were given up.", ["channel"])


def begin() -> None:
    """Let those be seen that are known beforehand and have counted nothing yet.

    The first of something is an increase only if there was a nought before it.
    """
    for repeats in ("yes", "no"):
        meetings_created.labels(repeats)
        invitations.labels(repeats)
    for all_day in ("yes", "no"):
        meeting_lengths.labels(all_day)
    for answer in ("accepted", "tentative", "declined"):
        answers.labels(answer)
    for dates in ("one", "several"):
        conflict_checks.labels(dates)
    for problem in ("room_taken", "person_busy"):
        conflicts_detected.labels(problem)
    for policy, outcome in (("reject", "refused"), ("ask", "saved"), ("override", "displaced")):
        conflict_outcomes.labels(policy, outcome)
    for decision in ("skip", "keep", "other_rooms", "other_time"):
        conflict_decisions.labels(decision)
    for messages in (deliveries, reminders, deliveries_failed):
        messages.labels("email")
