"""For people who write playbooks: a folder to begin with, and its examples put to the real walk."""
