"""The use cases of members: who is in a project, and as what."""

import uuid
from collections.abc import Sequence
from typing import Any, NamedTuple

from taskapp.features.projects import policies, queries
from taskapp.features.projects.inbox import inbox
from taskapp.features.projects.memberships import inbox_project
from taskapp.features.projects.models import Project
from taskapp.features.projects.schemas import MemberInvite, MemberPut
from taskapp.features.projects.service import ProjectService
from taskapp.features.users import UserService
from taskapp.kit.caller import Caller
from taskapp.kit.operation import Operation
from taskapp.kit.problem import Problem, invalid, member_error
from taskapp.kit.validation import load_body
from taskapp.settings import Settings

_PUT, _INVITE = MemberPut(), MemberInvite()


class Member(NamedTuple):
    """A member of a project; a removed user has no name."""

    user_id: uuid.UUID
    name: str | None
    role: str


class MemberService:
    """The use cases of members."""

    def __init__(self, settings: Settings, projects: ProjectService, users: UserService) -> None:
        self._projects, self._users = projects, users
        self._max_members = settings.max_members

    def page(self, caller: Caller, project_id: uuid.UUID, after: uuid.UUID | None, limit: int,
             consistency: int | None = None) -> list[Member]:
        """Read members of a project, in the order of their ids, after a given one."""
        project = self._seen(caller, project_id, consistency)
        wanted = sorted(each for each in project.members if after is None or each > after)[:limit]
        return self._named(project, wanted, consistency)

    def get(self, caller: Caller, project_id: uuid.UUID, user_id: uuid.UUID, consistency: int | None = None) -> Member:
        """Read one member.

        :raise Problem: ``not_found``
        """
        project = self._seen(caller, project_id, consistency)
        if user_id not in project.members:
            raise _no_member()
        return self._named(project, [user_id], consistency)[0]

    def put(self, caller: Caller, operation: Operation, project_id: uuid.UUID, user_id: uuid.UUID, body: Any
            ) -> tuple[Member, bool]:
        """Add a user to a project, or give a member another role.

        :return: the member, and whether they are new
        :raise Problem: ``not_found``, ``insufficient_role``, ``inbox``, ``last_admin``, ``quota_exceeded``
        """
        return self.add(caller, operation, project_id, user_id, load_body(_PUT, body)["role"])

    def invite(self, caller: Caller, operation: Operation, project_id: uuid.UUID, body: Any) -> tuple[Member, bool]:
        """Add a user by e-mail address, as ``put`` does."""
        sent = load_body(_INVITE, body)
        # Before the address is looked up: who may not add members is not to learn who uses the service.
        policies.check_administers(self._seen(caller, project_id), caller.user_id)
        user = self._users.with_email(sent["email"])
        if user is None:
            raise invalid([member_error("/email", "No user has this e-mail address.")])
        return self.add(caller, operation, project_id, user.id, sent["role"])

    def add(self, caller: Caller, operation: Operation, project_id: uuid.UUID, user_id: uuid.UUID, role: str
            ) -> tuple[Member, bool]:
        """Add a user, or give a member another role, as ``put`` does."""
        new = False

        def edit(old: Project) -> Project:
            nonlocal new
            new = user_id not in old.members
            if new:
                self._check_new(old, user_id)
            return old.replace(members={**old.members, user_id: role})

        project = self._projects.change(caller, operation, project_id, None, "member_changed", edit)
        return self._named(project, [user_id])[0], new

    def _check_new(self, project: Project, user_id: uuid.UUID) -> None:
        if self._users.find(user_id) is None:
            raise Problem("not_found", "User not found")
        if len(project.members) >= self._max_members:
            raise Problem("quota_exceeded", f"A project has at most {self._max_members} members.")
        self._projects.check_quota(user_id, "The user is")

    def remove(self, caller: Caller, operation: Operation, project_id: uuid.UUID, user_id: uuid.UUID) -> None:
        """Remove a member; anyone may leave.

        :raise Problem: ``not_found``, ``insufficient_role``, ``inbox``, ``last_admin``
        """
        def edit(old: Project) -> Project:
            if user_id not in old.members:
                raise _no_member()
            return old.replace(members={each: role for each, role in old.members.items() if each != user_id})

        check = policies.check_sees if user_id == caller.user_id else policies.check_administers
        self._projects.change(caller, operation, project_id, None, "member_removed", edit, check=check)

    def _seen(self, caller: Caller, project_id: uuid.UUID, consistency: int | None = None) -> Project:
        if project_id == inbox(caller.user_id):
            return inbox_project(caller.user_id)
        return policies.check_sees(queries.PROJECTS.get(project_id, consistency), caller.user_id)

    def _named(self, project: Project, user_ids: Sequence[uuid.UUID], consistency: int | None = None) -> list[Member]:
        names = self._users.names(user_ids, consistency)
        return [Member(each, names.get(each), project.members[each]) for each in user_ids]


def _no_member() -> Problem:
    return Problem("not_found", "Member not found")
