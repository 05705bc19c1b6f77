"""Who may take a member's content along."""

import rules

from members.directory.rules import is_administrator, is_coordinator_of_member, is_liaison

rules.add_perm("sharing.export_member", is_liaison | is_coordinator_of_member | is_administrator)
