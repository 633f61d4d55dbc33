"""The pages of this app: the demo's inbox and how people want to be told."""
