"""`demo --check`: the main job over real HTTP and SMTP."""
