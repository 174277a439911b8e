"""Words for notices: the groups that members set, how they are told, how deliveries ended."""

from flask_babel import lazy_gettext

NOTICE_GROUPS = {
    "safety": lazy_gettext("Safety"),
    "bookings": lazy_gettext("Bookings"),
    "reminders": lazy_gettext("Reminders"),
    "waitlist": lazy_gettext("Waitlist"),
    "approvals": lazy_gettext("Approvals"),
    "papers": lazy_gettext("Papers"),
    "series": lazy_gettext("Series"),
    "together": lazy_gettext("Joint bookings and hand-overs"),
    "organisation": lazy_gettext("Organisation"),
    "planning": lazy_gettext("Experiments"),
}
GROUP_HINTS = {
    "safety": lazy_gettext("Emergency stops and displaced bookings; these always come at once."),
    "bookings": lazy_gettext("Confirmed, moved, cancelled, expired, not used."),
    "reminders": lazy_gettext("A mail before a booking begins."),
    "waitlist": lazy_gettext("Places offered to those who wait; an offer ends before a digest."),
    "approvals": lazy_gettext("What is asked of approvers, and what they decide."),
    "papers": lazy_gettext("Permits, insurance and briefings that end or are decided on."),
    "series": lazy_gettext("Series of bookings that change or want to be confirmed again."),
    "together": lazy_gettext("Joint bookings and hand-overs: invitations and answers."),
    "organisation": lazy_gettext("Webhooks that were switched off, and other news of the account."),
    "planning": lazy_gettext("Experiments that are done or have failed."),
}
CHOICES = {
    "at_once": lazy_gettext("At once"),
    "daily": lazy_gettext("Once a day"),
    "never": lazy_gettext("Never"),
}
DELIVERIES = {
    "waiting": lazy_gettext("waiting"),
    "retrying": lazy_gettext("tried again"),
    "delivered": lazy_gettext("delivered"),
    "given_up": lazy_gettext("given up"),
}
DELIVERY_SIGNS = {"waiting": "◌", "retrying": "↻", "delivered": "✓", "given_up": "✕"}
# The styles of states of bookings that carry the same mood.
DELIVERY_STYLES = {
    "waiting": "busy",
    "retrying": "held",
    "delivered": "confirmed",
    "given_up": "no_show",
}
