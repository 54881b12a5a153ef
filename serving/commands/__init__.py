"""The commands of ``lanewise``, one file each. A command loads, asks, answers; heavy imports stay inside it."""
