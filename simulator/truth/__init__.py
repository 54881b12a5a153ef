"""What was true all along: posteriors, re-simulation, probabilities of an ideal forecaster."""
