"""The administration as a whole: its name and its door."""

from allauth.account.decorators import secure_admin_login
from django.contrib import admin
from django.utils.translation import gettext_lazy as _

admin.site.site_header = admin.site.site_title = _("Scheduler, administration")
admin.site.index_title = _("People, places and what was sent")
# Its own sign-in counts no tries; ours does.
admin.site.login = secure_admin_login(admin.site.login)  # type: ignore[method-assign]
