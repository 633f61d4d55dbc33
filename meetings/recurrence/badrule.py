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


_SENTENCES = {
    Reason.UNREADABLE: "“{value}” cannot be read as part of a rule.",
    Reason.UNKNOWN_PART: "A rule has no part {part}.",
    Reason.TWICE: "{part} stands in the rule twice.",
    Reason.FREQUENCY: "A meeting repeats once a day at most, not {value}.",
    Reason.NO_FREQUENCY: "The rule does not say how often (FREQ).",
    Reason.INTERVAL: "INTERVAL is a whole number from 1, not “{value}”.",
    Reason.COUNT: "COUNT is a whole number from 1, not “{value}”.",
    Reason.COUNT_AND_UNTIL: "A rule ends after a number of dates or on a date, not both.",
    Reason.UNTIL: "UNTIL is a date like 20270630, not “{value}”.",
    Reason.UNTIL_BEFORE_START: "The rule ends before the first date.",
    Reason.OUT_OF_RANGE: "{part} cannot be “{value}”.",
    Reason.ORDINAL: "There is no “{value}” in what the rule repeats by.",
    Reason.ORDINAL_WITH_WEEKS: "“{value}” cannot be counted within a week of the year.",
    Reason.WRONG_FREQUENCY: "{part} cannot stand in a rule with this FREQ.",
    Reason.POSITION_ALONE: "BYSETPOS needs another BY part to choose from.",
    Reason.TIME_PARTS: "The time of day is the meeting's own, so {part} cannot stand in its rule.",
    Reason.CALENDAR_SYSTEM: "Only the Gregorian calendar is known, so {part} cannot be used.",
    Reason.NEVER: "The rule gives no date after the first.",
    Reason.TOO_MANY: "The rule gives more than {value} dates.",
    Reason.TOO_LONG: "The rule is too long.",
    Reason.UNKNOWN_LINE: "Lines begin with RRULE, EXDATE or RDATE, not with {part}.",
    Reason.SEVERAL_RULES: "A meeting repeats by one rule.",
    Reason.DATES: "“{value}” in {part} is no date.",
}


class BadRule(ValueError):
    """A rule that cannot be: why, in which part, and what was written there.

    str() is a plain English sentence; `rulewords.bad_rule_words` says it to people.
    """

    def __init__(self, reason: Reason, part: str = "", value: str = "") -> None:
        self.reason = reason
        self.part = part
        self.value = value if len(value) <= 60 else f"{value[:59]}…"
        super().__init__(_SENTENCES[reason].format(part=part, value=self.value))
