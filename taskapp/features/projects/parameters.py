"""Query parameters of the project routes."""

from taskapp.kit.parameters import Flag, PageParameters


class ProjectsParameters(PageParameters):
    """Which projects to list."""

    archived = Flag(load_default=None, metadata={"description": "Only archived projects, or only others.",
                                                 "type": "boolean"})
    trash = Flag(load_default=False, metadata={"description": "Projects in the trash that the caller is an admin of, "
                                                              "instead of live ones.", "type": "boolean"})
