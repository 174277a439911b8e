"""English sentences for the codes of errors, mistakes, reasons and decisions.

One template per code; the fields of the code fill its braces. The pages translate the template
before they fill it, so the sentence exists once per language.
"""

from collections.abc import Mapping

DECISIONS = {
    "granted": "Granted: the place is yours.",
    "offered": "Nothing fits your wish; these are the nearest ways.",
    "waitlisted": "Nothing fits your wish now; you are on the waitlist.",
    "refused": "The rules do not permit this within your wish.",
}

REASONS = {
    "not_bookable": "{resource} cannot be booked here (its state: {status}).",
    "mode_not_offered": "{resource} is not offered for this use ({mode}).",
    "too_many": "{resource} takes at most {most} at once; {asked} were asked for.",
    "booking_too_long": "{resource}: {hours} hours are longer than the {most} hours permitted.",
    "past": "{resource}: this time has already passed.",
    "lead_too_short": "{resource} must be booked at least {days} days ahead.",
    "lead_too_long": "{resource} can be booked at most {days} days ahead.",
    "notice_too_short": "{resource}: the operators need {hours} hours of notice.",
    "beyond_horizon": "{resource}: so far ahead the calendar is not open yet.",
    "not_valid_then": "{resource} is not in service on that date.",
    "closed_hours": "{resource} is not open long enough at that time.",
    "not_at_night": "{resource}: the test asks for the night (21:00 to 06:00).",
    "weekly_hours": "{resource}: your organisation would pass its {hours} hours of that week.",
    "no_common_start": "{resource}: no start suits everything that was asked for at once.",
    "nothing_matches": "Nothing that this need asks for stands in the cities searched: {kinds}.",
    "open_hours": "Your organisation has {hours} booked hours to come; at most {most} at once.",
    "shared_with_other": "{resource}: a wish not to share keeps this time apart.",
    "vehicle_missing": "{resource}: {asked} vehicles are asked for; your organisation has {have}.",
    "driver_missing": "{resource}: your organisation has no driver.",
    "papers_not_together": "{resource}: no vehicle or driver has all papers together "
    "for the whole time.",
    "permit_missing": "{resource}: no accepted temporary operation permit covers {vehicles} here.",
    "permit_ends": "{resource}: the temporary operation permit of {vehicles} ends on {until}, "
    "before the booking does.",
    "transport_permit_missing": "{resource}: no accepted limited-transport permit covers "
    "{vehicles} here.",
    "transport_permit_ends": "{resource}: the limited-transport permit for {vehicles} ends on "
    "{until}, before the booking does.",
    "insurance_missing": "{resource}: no accepted insurance covers {vehicles} then.",
    "insurance_ends": "{resource}: the insurance of {vehicles} ends on {until}, before the booking "
    "does.",
    "training_missing": "{resource}: no driver has an accepted training that is valid then.",
    "training_ends": "{resource}: the drivers' training ends on {until}, before the booking does.",
    "briefing_missing": "{resource}: no driver has an accepted safety briefing for this site then.",
    "briefing_ends": "{resource}: the drivers' safety briefing for this site ends on {until}, "
    "before the booking does.",
    "pool_full": "{resource} is taken at that time.",
    "pool_blocked": "{resource} is blocked then by a facility in use beside it.",
    "pool_full_or_blocked": "{resource} is taken at that time, or blocked by a facility beside it.",
    "pool_full_or_closed": "{resource} is taken or closed at that time.",
    "route_in_use": "{resource} must be empty for this facility and is in use at that time.",
}

ERRORS = {
    # requests and times
    "naive_time": "The time {value} names no time zone.",
    "off_grain": "The time {value} does not lie on the grid of {minutes} minutes.",
    "empty_slot": "The slot is empty: its end must come after its start.",
    "too_few_units": "At least one vehicle or unit must be asked for.",
    "no_needs": "The request asks for nothing.",
    "start_outside_window": "The wished start lies outside the window in which a start serves.",
    "way_does_not_fit": "The offer names another number of resources than the request has needs.",
    "holidays_unknown": "Public holidays are known until {until} only; {day} lies after that.",
    "bad_idempotency_key": "An idempotency key has 1 to {longest} characters.",
    "idempotency_key_reused": "The idempotency key {key} has been used for another request.",
    "bad_json": "The body is no JSON: {detail}.",
    "invalid_fields": "{mistakes} mistakes in what was sent; nothing was done.",
    "unknown_references": "{mistakes} ids name nothing that exists; nothing was done.",
    # what does not exist
    "booking": "There is no booking {id}.",
    "request": "There is no request {id}.",
    "resource": "There is no route or facility {id}.",
    "city": "There is no city {id}.",
    "offer": "There is no offer {id} for these needs; search again.",
    "cursor": "The cursor {cursor} continues no list; begin again without one.",
    "organisation": "There is no organisation {id}.",
    "member": "There is no member with the address {email}.",
    "catalogue": "No catalogue has been imported yet.",
    "distance": "The catalogue knows no distance between {city} and {other}.",
    # what is already there
    "booking_known": "There is already a booking {booking}.",
    "request_known": "There is already a request {request}.",
    "email_known": "There is already a member with the address {email}.",
    # what is no longer, or not, possible
    "bad_moment": "{value} is no time such as 2026-12-08T10:00:00+09:00.",
    "bad_odd_term": "{value} is no condition such as lanes_min=4 or gnss=open.",
    "no_catalogue": "There is no catalogue yet; run `testbed catalogue import` first.",
    "horizon_short": "Standing services end at {until}: {days} days are left to book.",
    "hold_expired": "The hold of booking {booking} has run out; search again.",
    "illegal_transition": "A booking that is {state} cannot become {to}.",
    "approval_over": "The time for approvals is over; the booking is no longer open to answers.",
    "approval_answered": "This party has already answered: {answer}.",
    "approval_reason_needed": "Write why you reject it.",
    "approval_text_too_long": "Write at most {most} characters.",
    "not_pending": "A booking that is {state} waits for no approval.",
    "not_waiting": "The request waits no longer.",
    "waitlist": "The request {request} is not on the waitlist.",
    "entry_changed": "The request on the waitlist has just changed; look at it again.",
    "nothing_offered": "Nothing is held for this request at this moment.",
    "not_this_party": "You cannot answer for this party: it has operators of its own.",
    "approval": "About booking {booking} that party was not asked.",
    "not_to_reconfirm": "The booking {booking} is not waiting to be confirmed again.",
    "cannot_move": "A booking that is {state} or has begun cannot be moved.",
    "check_in_too_early": "Booking {booking} can be checked in from {opens} on.",
    "check_in_too_late": "Booking {booking} was to be checked in within {minutes} minutes of its "
    "start; its place has been given free.",
    "booking_changed": "Somebody else has just changed booking {booking}.",
    "version_changed": "Booking {booking} has changed since you saw it; look at it again.",
    "booking_of_other_organisation": "Booking {booking} belongs to another organisation.",
    # lengths, joint bookings, hand-overs and sharing
    "cannot_change_length": "The length of a booking that is {state} or has begun without check-in "
    "cannot be changed.",
    "not_shorter": "Keep a part of the booked time that is shorter than now.",
    "not_longer": "Choose an end after the present one.",
    "length_not_offered": "Here a booking lasts at least {least} minutes, then steps of {step}.",
    "cannot_shorten": "Booking {booking} cannot be shortened in this way; cancel or move it.",
    "rule_gone": "The rule {rule} of this booking is no longer in the catalogue.",
    "partners_only": "Only those who come with the booking may see or say whom to call.",
    "lead_organisation_only": "Only the leading organisation of a joint booking may do this.",
    "partners_missing": "These partners have not answered yet: {organisations}.",
    "not_invited": "Your organisation has nothing to answer about booking {booking}.",
    "only_holds_invite": "Partners are invited while the place is held, before it is confirmed.",
    "too_late_to_leave": "It is too late to leave booking {booking}; talk to its organisation.",
    "partner_twice": "Name each partner once, and not the organisation that asks.",
    "too_many_partners": "A joint booking has at most {most} partners.",
    "no_partner": "{organisation} takes no part in this booking.",
    "too_many_shared": "The partners together bring 0 to {most} vehicles.",
    "apart_from_oneself": "An organisation cannot be kept apart from itself.",
    "too_many_rivals": "At most {most} organisations can be kept apart.",
    "member_elsewhere": "The member {member} does not book for this organisation.",
    "handover": "There is no hand-over {id}.",
    "handover_closed": "This offer is closed: it was answered, withdrawn, is over, or the booking "
    "has changed since.",
    "handed_over_already": "Booking {booking} is on offer to another organisation already.",
    "cannot_hand_over": "Only a confirmed booking that has not begun can be handed over.",
    "joint_stays": "A joint booking cannot be handed over.",
    "already_yours": "The booking {booking} belongs to that organisation already.",
    "no_such_line": "The booking {booking} no longer stands at {resource} at that time.",
    "lost_race": "Others were quicker three times in a row; try again.",
    "key_raced": "The same request is being answered at this moment; try again.",
    "database_busy": "The database was busy for too long; try again.",
    "standing_conflict": "A booking on {pool} stands in the way of a standing service.",
    "claim_not_taken": "The calendar of {pool} holds no such claim.",
    # series and templates
    "bad_recurrence": "{part} is no part of a rule such as FREQ=WEEKLY;BYDAY=TU,TH;COUNT=8.",
    "endless_recurrence": "A series ends after a number of dates or on a day: say one of the two.",
    "too_many_dates": "A series has at most {most} dates.",
    "no_dates": "There is no date for the series.",
    "shifted_too_far": "Dates move by at most {most} days at once.",
    "series": "There is no series {id}.",
    "occurrence": "The series has no date {day}.",
    "series_changed": "Somebody else has just changed the series; look at it again.",
    "series_version_changed": "The series has changed since you saw it; look at it again.",
    "no_change": "Nothing was to be changed.",
    "date_is_booked": "The date {day} of the series is booked already.",
    "bad_extension": "A series goes on as it began: until a day or for a number of dates where it "
    "has a rule, by listed days where it has none.",
    "template": "There is no template {id}.",
    "template_known": "There is already a template named {name}.",
    # the day
    "closable": "There is no resource, corridor or site {id}.",
    "closure": "There is no closure {id}.",
    "closure_over": "The closure {closure} is over already.",
    "bad_reason": "A reason has 1 to {longest} characters that can be shown.",
    "bad_length": "A closure lasts 1 to {most} minutes, or until it is reopened.",
    "usage_record": "There is no record of use {id}.",
    "nothing_used": "A booking that is {state} has no use to record.",
    "bad_session": "The field {field} does not fit the visit; look at it again.",
    "usage_too_late": "The use was to be recorded until {until}; ask the operators.",
    "contact": "Nobody is named to be called for booking {id}.",
    "bad_phone": "{value} is no telephone number.",
    "bad_instructions": "Entry instructions have at most {longest} characters that can be shown.",
    "site": "There is no site {id}.",
    "vehicle": "There is no vehicle {id}.",
    "driver": "There is no driver {id}.",
    # papers
    "paper": "There is no paper {id}.",
    "document": "No file lies behind the paper {id}.",
    "bad_plate": "A plate has 1 to {longest} characters.",
    "bad_contact": "A contact has at most {longest} characters.",
    "bad_sae_level": "The SAE level is 0 to {most}, not {value}.",
    "paper_days": "A paper's last day comes not before its first, both from {least} to {most}.",
    "paper_owner": "Choose the vehicle or driver of this paper.",
    "paper_site": "Choose the site at which the briefing was given.",
    "paper_no_briefing": "No place of the site {site} asks for a safety briefing.",
    "paper_covers": "Name 1 to {most} routes, facilities or cities that the permit covers, "
    "or all public roads.",
    "bad_paper_number": "A number has at most {longest} characters.",
    "bad_paper_reason": "Write why the paper is rejected, in 1 to {longest} characters.",
    "paper_withdrawn": "The paper {id} has been withdrawn; enter a new one.",
    "paper_decided": "The paper {id} is {state} already.",
    "paper_changed": "The paper {id} has changed since you saw it; look at it again.",
    "document_size": "A file has at most {most} kilobytes and is not empty.",
    "document_type": "Only PDF, PNG and JPEG files are taken.",
    "too_many_named": "At most {most} vehicles and drivers are named on a booking.",
    "crew_over": "A booking that is {state} needs no vehicles and drivers any more.",
    "crew_closed": "Vehicles and drivers could be named until {closed}; ask the operators.",
    "crew_incomplete": "Booking {booking} cannot be checked in yet; missing: {missing}.",
    # who may
    "scope_missing": "This token lacks the scope {scope}.",
    "not_overridable": "Nobody may set the rule {rule} aside.",
    "override_above_role": "Only the role {role} may set the rule {rule} aside.",
    "override_without_reason": "Write why rules are set aside, in 1 to {longest} characters.",
    "other_organisation": "This is done for {organisation}, for which you do not act.",
    "operators_only": "Only operators and administrators may do this.",
    "role_not_here": "This page is not for the role of your account ({role}).",
    "bad_email": "{email} is no e-mail address.",
    "invitation": "This invitation is over; ask for another.",
    "password_reset": "This link is over; ask for another.",
    "account": "There is no such member.",
    "registration": "There is no registration {id}.",
    "experiment": "There is no experiment {id}.",
    "experiment_over": "The experiment {id} is {status} already.",
    "experiment_lost": "The experiment {id} belongs to another worker by now.",
    "worker_lost": "The experiment ended its worker three times; it was given up.",
    "study_failed": "The experiment broke off ({detail}); the log says more.",
    "too_many_experiments": "You have {most} experiments waiting or running; let them end first.",
    "bad_result": "This is no result of a simulation run: {place}: {detail}.",
    "bad_scenario_text": "A scenario has 1 to {longest} characters.",
    "registration_decided": "The registration {id} is {status} already.",
    "registration_waits": "A registration of {email} is waiting for its answer.",
    "too_many_registrations": "Too many registrations wait for an answer; try again later.",
    "organisation_known": "There is already an organisation {id}.",
    "demo_account": "Demonstration accounts keep their password and stay active.",
    "last_administrator": "This is the last administrator; name another one first.",
    "wrong_password": "That is not your password.",
    "bad_name": "A name has 1 to {longest} characters.",
    "bad_proposal": "The field {field} has at most {longest} characters that can be shown.",
    "unknown_language": "Mails are written in {known}, not in {language}.",
    "planners_only": "Only planners and administrators may do this.",
    "managers_only": "Only a manager of the organisation or an administrator may do this.",
    "administrators_only": "Only administrators may do this.",
    "role_not_given_here": "Only an administrator gives the role {role}.",
    "scope_of_other_role": "The scope {scope} is not one that the role {role} has.",
    "unknown_scope": "A token needs one or more of these scopes: {known}.",
    "bad_token_name": "A token has a name of 1 to {longest} characters.",
    "too_many_tokens": "A member has at most {most} tokens; revoke one first.",
    "token": "There is no token {id}.",
    # feeds and statements
    "feed": "There is no such feed; it may have been revoked.",
    "bad_feed_name": "A feed has a name of 1 to {longest} characters.",
    "too_many_feeds": "A member has at most {most} feeds; revoke one first.",
    "bad_month": "{month} is no month with a statement.",
    "month_not_over": "The month {month} is not over yet; then it can be closed.",
    "webhook": "There is no webhook {id}.",
    "webhook_disabled": "The webhook {id} is off; switch it on first.",
    "bad_webhook_url": "A webhook is an https address of at most {longest} characters, without a "
    "user name and without a fragment.",
    "webhook_host_unknown": "The name {host} is not known to the network.",
    "webhook_host_not_public": "{host} is no public address; events go to public ones only.",
    "unknown_event": "There is no event {event}.",
    "too_many_webhooks": "There may be at most {most} webhooks; remove one first.",
    "unknown_notice_group": "There are notices of {known}, not of {group}.",
    "choice_not_offered": "Notices of {group} come as: {known}.",
    "password_length": "A password has {shortest} to {longest} characters.",
    # files, settings and the database
    "invalid_file": "{source}: {mistakes} mistakes; nothing was taken over.",
    "bad_database_url": "The address {url} names no SQLite file and no PostgreSQL database.",
    "bad_synchronous": "SQLite's synchronous is FULL or NORMAL, not {value}.",
    "schema_newer": "The database has schema {version}, newer than this program's ({known}).",
    "demo_account_of_other_secret": "The account {email} was made with another secret file; "
    "start with an empty database or with that file.",
    "schema_older": "The database's schema is {version}; run `testbed db upgrade` first.",
}

MISTAKES = {
    "unknown_key": "there is no key {key}",
    "missing_key": "the key {key} is missing",
    "wrong_type": "expected {expected}, found {found}",
    "wrong_length": "expected {expected} entries, found {found}",
    "out_of_range": "{value} is not from {least} to {most}",
    "least_over_most": "the least ({least}) is more than the most ({most})",
    "unknown_value": "{value} is none of {allowed}",
    "unknown_reference": "there is no {kind} {value}",
    "unknown_zone": "{value} is no time zone",
    "unsuitable_test": "{test} cannot be asked of {attribute}, which is of type {type}",
    "duplicate_id": "the id {id} is already used at {first}",
    "duplicate_value": "{value} is named twice",
    "empty_text": "the text is empty",
    "empty_list": "the list is empty",
    "empty_window": "the window ends at {end}, not after its start at {start}",
    "bad_id": "{value} is no id: letters, digits, dots, dashes and underscores only",
    "bad_text": "{value} holds characters that cannot be shown",
    "bad_date": "{value} is no date such as 2026-01-31",
    "bad_shape": "{value} is not of the form described",
    "not_multiple": "{value} is no multiple of {step}",
    "too_small": "{value} is less than {least}",
    "too_large": "{value} is more than {most}",
    "too_short": "the length is less than {least}",
    "too_long": "the length is more than {most}",
    "never_together": "no choice of places has room for all of these at once",
    "too_many_ways": "{ways} ways would have to be tried, more than {most}; ask for fewer kinds",
    "bad_days": "{value} is no weekday or range such as mon-fri",
    "bad_time": "{value} is no time such as 09:00, at most {latest}",
    "bad_syntax": "the file cannot be parsed: {detail}",
    "no_weight": "all weights are 0",
    "not_both_ways": "corridor {corridor} and route {route} must name each other",
    "city_of_site": "{value} is not the city of site {site}, which lies in {city}",
    "missing_distance": "there is no distance between {city} and {other}",
    "several_targets": "only one of these may stand: {keys}",
    "nothing_to_change": "nothing is changed; give one of {keys}",
    "capacity_below_claims": "{used} units are claimed at {since}, more than {capacity}: {owners}",
    "rule_in_use": "bookings to come were made by rule {rule}",
    "bad_setting": "{value} cannot be used: {detail}",
    "file_missing": "the file does not exist",
    "file_unreadable": "the file cannot be read: {detail}",
    "file_not_catalogue": "choose a catalogue in TOML, or an export in JSON",
}

HINTS = {"did_you_mean": "{said}; did you mean {nearest}?"}

TEMPLATES: Mapping[str, str] = {**DECISIONS, **REASONS, **ERRORS, **MISTAKES, **HINTS}


class _Fields(dict[str, object]):
    """Fields in which a missing one shows as an ellipsis."""

    def __missing__(self, _: str) -> str:
        return "…"


def template(code: str) -> str:
    """The template of a code; the bare code where the table has none."""
    return TEMPLATES.get(code, code.replace("_", " "))


def fill(text: str, fields: Mapping[str, object]) -> str:
    """A template, in whatever language, with its braces filled; a missing field shows as "…"."""
    return text.format_map(_Fields(fields))


def sentence(code: str, fields: Mapping[str, object]) -> str:
    """What the code says in English, with the nearest known word where the fields name one."""
    said = fill(template(code), fields)
    if not fields.get("nearest"):
        return said
    return fill(template("did_you_mean"), {"said": said, "nearest": fields["nearest"]})
