"""A connection of somebody's own that has the name of Ansible's: what it does with a command is not for us to know."""

from ansible.plugins.loader import connection_loader

DOCUMENTATION = """
name: local
short_description: local, in another way
description: For tests.
author: the matrix_access_token contributors
extends_documentation_fragment: [connection_pipelining]
"""

_Original = connection_loader.get("ansible.builtin.local", class_only=True)


class Connection(_Original):
    """As Ansible's."""
