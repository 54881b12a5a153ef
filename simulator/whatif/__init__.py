"""What would have happened: actions, answers, policies in a closed loop, a bound."""
