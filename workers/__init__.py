"""The second front door: what RQ and the clock bring in; each job is a short story."""
