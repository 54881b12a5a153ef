"""May it happen, and who must agree: the policy, its rules and licences, and the verdict on each candidate.

May import domain, store and features; knows nothing of how candidates are made or chosen.
"""
