"""Which act leads an uptake from which states to which. Nothing else assigns `state`."""

from config.kit.transitions import move_state
from practices.uptake.models import Uptake

State = Uptake.State
NEW = ""  # the state of a record that is being made: members begin wherever they are
TRANSITIONS: dict[str, tuple[frozenset[str], str]] = {
    "consider": (frozenset({NEW, State.DROPPED}), State.CONSIDERING),
    "adapt": (frozenset({NEW, State.CONSIDERING}), State.ADAPTING),
    "use": (frozenset({NEW, State.CONSIDERING, State.ADAPTING}), State.IN_USE),
    "drop": (frozenset({NEW, State.CONSIDERING, State.ADAPTING, State.IN_USE}), State.DROPPED),
}
ACT_TO = {target: act for act, (_states, target) in TRANSITIONS.items()}


def states_from(state: str) -> list[str]:
    """Return the states that a record in `state` can be in next, its own first, in the order of the model."""
    reachable = {target for allowed, target in TRANSITIONS.values() if state in allowed}
    return [one for one in State.values if one == state] + [one for one in State.values if one in reachable]


def move(uptake: Uptake, act: str) -> None:
    """Change the state as `act` does; raises what `check_state` does."""
    move_state(uptake, TRANSITIONS, act)
