"""Why a rule cannot be."""

from enum import StrEnum


class Reason(StrEnum):
    """What is wrong with a rule."""

    UNREADABLE = "unreadable"
    UNKNOWN_PART = "unknown_part"
    TWICE = "twice"
    FREQUENCY = "frequency"
    NO_FREQUENCY = "no_frequency"
    INTERVAL = "interval"
    COUNT = "count"
    COUNT_AND_UNTIL = "count_and_until"
    UNTIL = "until"
    UNTIL_BEFORE_START = "until_before_start"
    OUT_OF_RANGE = "out_of_range"
    ORDINAL = "ordinal"
    ORDINAL_WITH_WEEKS = "ordinal_with_weeks"
    WRONG_FREQUENCY = "wrong_frequency"
    POSITION_ALONE = "position_alone"
    TIME_PARTS = "time_parts"
    CALENDAR_SYSTEM = "calendar_system"
    NEVER = "never"
    TOO_MANY = "too_many"
    TOO_LONG = "too_long"
    UNKNOWN_LINE = "unknown_line"
    SEVERAL_RULES = "several_rules"
    DATES = "dates"


def gettext_noop(text: str) -> str:
    """Marks a sentence for translation; whoever shows it translates it."""
    return text


_SENTENCES = {
    Reason.UNREADABLE: gettext_noop(
        "“%(value)s” cannot be read: a rule is made of parts like FREQ=WEEKLY;BYDAY=TU."
    ),
    Reason.UNKNOWN_PART: gettext_noop("A rule has no part called %(part)s: leave it out."),
    Reason.TWICE: gettext_noop(
        "%(part)s stands in the rule twice: write it once, with commas between its values."
    ),
    Reason.FREQUENCY: gettext_noop(
        "A meeting repeats once a day at most: instead of %(value)s, write DAILY, WEEKLY, MONTHLY "
        "or YEARLY."
    ),
    Reason.NO_FREQUENCY: gettext_noop(
        "The rule does not say how often: begin it with FREQ=DAILY, WEEKLY, MONTHLY or YEARLY."
    ),
    Reason.INTERVAL: gettext_noop(
        "“%(value)s” is no interval: write a whole number from 1, like INTERVAL=2 for every second "
        "time."
    ),
    Reason.COUNT: gettext_noop(
        "“%(value)s” is no number of times: write a whole number from 1, like COUNT=10."
    ),
    Reason.COUNT_AND_UNTIL: gettext_noop(
        "A series ends after a number of times or on a date: write COUNT or UNTIL, not both."
    ),
    Reason.UNTIL: gettext_noop("“%(value)s” is no date: write the last one like UNTIL=20270630."),
    Reason.UNTIL_BEFORE_START: gettext_noop(
        "The series ends before its first date: choose a later end."
    ),
    Reason.OUT_OF_RANGE: gettext_noop(
        "There is no “%(value)s” in %(part)s: write one of %(allowed)s."
    ),
    Reason.ORDINAL: gettext_noop(
        "“%(value)s” cannot be counted: a number before a weekday is up to 5 within months and "
        "up to 53 within years. In other rules write the weekday alone."
    ),
    Reason.ORDINAL_WITH_WEEKS: gettext_noop(
        "“%(value)s” cannot be counted within weeks of the year: write the weekday alone."
    ),
    Reason.WRONG_FREQUENCY: gettext_noop(
        "%(part)s goes with FREQ=%(allowed)s only: leave it out, or change FREQ."
    ),
    Reason.POSITION_ALONE: gettext_noop(
        "BYSETPOS chooses among the days of another part: add one, like BYDAY=MO,TU,WE,TH,FR."
    ),
    Reason.TIME_PARTS: gettext_noop(
        "The time of day is the meeting's own: leave %(part)s out of the rule."
    ),
    Reason.CALENDAR_SYSTEM: gettext_noop(
        "Only the Gregorian calendar is known: leave %(part)s out."
    ),
    Reason.NEVER: gettext_noop(
        "The rule gives no date after the first, like a meeting each 30 February: choose other "
        "days, months or intervals."
    ),
    Reason.TOO_MANY: gettext_noop(
        "The rule gives more than %(allowed)s dates: choose an earlier end, or none."
    ),
    Reason.TOO_LONG: gettext_noop(
        "That is too long for a rule: write at most %(allowed)s characters."
    ),
    Reason.UNKNOWN_LINE: gettext_noop(
        "Lines begin with RRULE, EXDATE or RDATE: leave out the one with %(part)s."
    ),
    Reason.SEVERAL_RULES: gettext_noop("A meeting repeats by one rule: keep one line with RRULE."),
    Reason.DATES: gettext_noop(
        "“%(value)s” in %(part)s is no date that a meeting can have: write it like 20270630, or "
        "20270630T090000."
    ),
}


class BadRule(ValueError):
    """A rule that cannot be: why, in which part, what was written there, what may be.

    str() is a plain English sentence; `sentence` and `words` are what it is made of, for
    translation: `rulewords.bad_rule_words`.
    """

    def __init__(
        self, reason: Reason, part: str = "", value: str = "", *, allowed: str = ""
    ) -> None:
        self.reason = reason
        self.part = _shortened(part)
        self.value = _shortened(value)
        self.sentence = _SENTENCES[reason]
        self.words = {"part": self.part, "value": self.value, "allowed": allowed}
        super().__init__(self.sentence % self.words)


def _shortened(text: str) -> str:
    return text if len(text) <= 60 else f"{text[:59]}…"
