"""What holds for the whole installation and is set in the administration."""

from django.db import models
from django.utils.translation import gettext_lazy as _


class Installation(models.Model):
    """One row; until somebody saves it, the defaults of its fields hold."""

    class OnConflict(models.TextChoices):
        """The conflict policies, by the names that commands know them by."""

        REJECT = "reject", _("Reject: nothing is booked while something collides")
        PROPOSE = "propose", _("Propose: nothing is booked, other times are named")
        OVERRIDE = "override", _("Override: as ask, and who may can take rooms from others")
        ASK = "ask", _("Ask: busy people are shown first, then it can be saved anyway")
        ALLOW = "allow", _("Allow: busy people are only reported")

    on_conflict = models.CharField(
        _("when something collides"),
        max_length=8,
        choices=OnConflict,
        default=OnConflict.ASK,
        help_text=_("A room that is taken refuses in each case, unless it is taken over."),
    )

    class Meta:
        verbose_name = _("installation")
        verbose_name_plural = _("installation")
        constraints = [
            models.CheckConstraint(condition=models.Q(pk=1), name="one_installation"),
        ]

    def __str__(self) -> str:
        return str(_("Installation"))

    def save(self, *args: object, **kwargs: object) -> None:
        """Save it as the one row."""
        self.pk = 1
        super().save(*args, **kwargs)  # type: ignore[arg-type]

    @classmethod
    def current(cls) -> "Installation":
        """What holds now. One query."""
        return cls._default_manager.filter(pk=1).first() or cls(pk=1)
