"""The demo network: its people, its processes, its inbox, and the check that drives the main job through them."""
