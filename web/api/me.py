"""Who the token speaks for."""

from flask import Response

from testbed.service.tokens import Scope
from web.api.answers.planning import MeAnswer, OrganisationAnswer
from web.api.bearer import bearer
from web.api.endpoint import endpoint, noun
from web.api.replying import reply
from web.api.showing import named
from web.deps import organisations

blueprint = noun("me", "Who asks")


@blueprint.get("/me", responses={200: MeAnswer})
@endpoint(Scope.READ)
def show() -> Response:
    """Show the member, the organisation and the scopes of the token."""
    member, scopes = bearer()
    owner = organisations()[member.organisation]
    organisation = OrganisationAnswer(id=owner.id, name=named(owner.name), type=owner.type)
    return reply(
        MeAnswer(
            id=member.id,
            name=member.name,
            email=member.email,
            role=member.role,
            organisation=organisation,
            scopes=sorted(scopes),
        )
    )
