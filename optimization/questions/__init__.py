"""What a planner asks of a plan, answered from its prices; one question a file.

:func:`~optimization.questions.desk.open_desk` is called once for a problem and its solution; every
question takes the desk:

- :mod:`~optimization.questions.explain`: why this action?
- :mod:`~optimization.questions.why_not`: why not that one, and who has what it needs?
- :mod:`~optimization.questions.binding`: what is scarce, what is one unit more worth, what does one less cost?
- :mod:`~optimization.questions.overrule`: what does it cost to insist, and who has to make way?
- :mod:`~optimization.questions.what_if`: a certified bound under other limits, at once;
- :mod:`~optimization.questions.re_plan`: the plan made anew under them;
- :mod:`~optimization.questions.gap_report`: where the distance between cost and bound comes from;
- :mod:`~optimization.questions.quote`: one new case between plans, and a reservation of what it uses.
"""
