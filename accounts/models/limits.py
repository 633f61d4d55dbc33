"""How much somebody has asked of late."""

from datetime import datetime

from django.db import connection, models

# One statement, so that requests at the same time cannot take the same one.
TAKE = """
INSERT INTO accounts_ratelimit AS bucket (key, level, at) VALUES (%(key)s, %(burst)s - 1, %(now)s)
ON CONFLICT (key) DO UPDATE SET
    level = least(%(burst)s, bucket.level
        + %(rate)s * greatest(0, extract(epoch FROM excluded.at - bucket.at))) - 1,
    at = greatest(bucket.at, excluded.at)
WHERE least(%(burst)s, bucket.level
    + %(rate)s * greatest(0, extract(epoch FROM excluded.at - bucket.at))) >= 1
RETURNING level
"""


class RateLimit(models.Model):
    """A bucket of `level` requests at the instant `at`; it fills steadily up to its size.

    The table is unlogged: it is written with every request, and empty after a crash does no harm.
    """

    key = models.CharField(max_length=80, primary_key=True)
    level = models.FloatField()
    at = models.DateTimeField()

    def __str__(self) -> str:
        return self.key

    @classmethod
    def take(cls, key: str, *, per_second: float, burst: int, now: datetime) -> float:
        """Take one request; what is left then, or below 0 what is missing for one."""
        with connection.cursor() as cursor:
            cursor.execute(TAKE, {"key": key, "burst": burst, "rate": per_second, "now": now})
            if row := cursor.fetchone():
                return float(row[0])
        bucket = cls.objects.get(key=key)
        filled = bucket.level + per_second * max(0.0, (now - bucket.at).total_seconds())
        return min(filled - 1, -1e-6)
